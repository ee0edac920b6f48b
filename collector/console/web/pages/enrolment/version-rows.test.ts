import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReleaseItem, VersionItem } from '@backstay/proto/rest/releases'
import { rowsOf } from './version-rows.ts'

const release = (version: string): ReleaseItem => ({
  ...{ version, issuedAtMs: 0, bytes: 1, packages: [], state: 'handed_out' },
})
const spread = (version: string, devices: number): VersionItem => ({
  ...{ version, devices, unwell: 0, awaited: 0, silent: 0 },
})

test('a version has one row, newest first by its numbers; devices that have not said come last', () => {
  const rows = rowsOf({
    hasKey: true,
    releases: [release('1.10.0'), release('1.9.0')],
    versions: [spread('', 2), spread('1.9.0', 30), spread('1.2.0', 1)],
  })
  assert.deepEqual(
    rows.map(({ version, spread, release }) => [version, spread?.devices, release?.state]),
    [
      ['1.10.0', undefined, 'handed_out'],
      ['1.9.0', 30, 'handed_out'],
      ['1.2.0', 1, undefined],
      ['', 2, undefined],
    ],
  )
})
