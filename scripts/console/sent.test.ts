import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markedIn } from './sent.ts'

test('a name is found in every dress, wherever it stands', () => {
  const mark = 'Zebrafish'
  const found = (text: string) => markedIn([{ url: 'x', text }], mark).length === 1
  for (let before = 0; before < 4; before++) {
    for (let after = 0; after < 4; after++) {
      const bytes = Buffer.from(`${'/'.repeat(before)}${mark}${'.'.repeat(after)}`)
      for (const dress of ['base64', 'base64url', 'hex', 'latin1'] as const)
        assert.ok(found(`GET ${bytes.toString(dress)} HTTP`), `${dress} ${before} ${after}`)
    }
  }
  assert.ok(!found('GET /zebra HTTP'))
})
