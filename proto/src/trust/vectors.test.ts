// The known answers hold on both sets of primitives. A browser runs the same runner: proto/src/trust/testing/vectors.ts.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { nodePrimitives } from '../node.ts'
import { webPrimitives } from '../web.ts'
import { runTrustVectors, type VectorFile } from './testing/vectors.ts'

const folder = join(import.meta.dirname, '../../vectors')
const names = [
  'trust-envelope',
  'trust-chain',
  'trust-grant',
  'trust-policy',
  'trust-job',
  'trust-orders',
  'trust-parcel',
  'trust-certificate',
  'trust-commit',
  'trust-heartbeat',
  'trust-codes',
  'keys',
  'escrow',
  'commit-body',
  'retention',
  'catalog-rows',
  'log',
]
const vectors: Record<string, VectorFile> = Object.fromEntries(
  names.map(name => [name, JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))]),
)

it('no known answer was lost', () => {
  const cases = Object.values(vectors).reduce((sum, file) => sum + file.cases.length, 0)
  assert.ok(cases >= 220, `${cases} cases`)
})

for (const [name, primitives] of Object.entries({ node: nodePrimitives, web: webPrimitives })) {
  it(`every known answer holds on the ${name} primitives`, async () => {
    assert.deepEqual(await runTrustVectors(primitives, vectors), [])
  })
}

it('the runner notices a wrong answer', async () => {
  const keys = vectors.keys as VectorFile
  const wrong = { ...keys, cases: keys.cases.map(one => ({ ...one, output: 'wrong' })) }
  assert.equal((await runTrustVectors(nodePrimitives, { wrong })).length, keys.cases.length)
})
