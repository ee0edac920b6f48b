// The known answers hold on both sets of primitives. A browser runs the same runner: proto/src/object/testing/vectors.ts.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { nodePrimitives } from '../node.ts'
import type { VectorFile } from '../testing/known-answers.ts'
import { webPrimitives } from '../web.ts'
import { objectVectorNames, runObjectVectors } from './testing/vectors.ts'

const folder = join(import.meta.dirname, '../../vectors')
const vectors: Record<string, VectorFile> = Object.fromEntries(
  objectVectorNames.map(name => [name, JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))]),
)

it('no known answer was lost', () => {
  const cases = Object.values(vectors).reduce((sum, file) => sum + file.cases.length, 0)
  assert.ok(cases >= 92, `${cases} cases`)
})

for (const [name, primitives] of Object.entries({ node: nodePrimitives, web: webPrimitives })) {
  it(`every known answer holds on the ${name} primitives`, async () => {
    assert.deepEqual(await runObjectVectors(primitives, vectors), [])
  })
}

it('the runner notices a wrong answer', async () => {
  const [first] = Object.values(vectors) as [VectorFile]
  const cases = first.cases.filter(one => one.failure === undefined)
  const wrong = { ...first, cases: cases.map(one => ({ ...one, output: 'wrong' })) }
  assert.equal((await runObjectVectors(nodePrimitives, { wrong })).length, cases.length)
})
