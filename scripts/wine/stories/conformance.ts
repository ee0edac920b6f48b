// What every platform promises, and what only Windows has, asked of the seam as it runs on Windows.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { top } from '../../release/programs.ts'
import { windowsNode } from '../windows-node.ts'
import { makeWine } from '../wine.ts'

const wine = await makeWine()
after(() => wine[Symbol.asyncDispose]())
const node = windowsNode()

/** Rooms whose tests are the same on every platform. */
const files = [
  ...['system', 'windows', 'windows-records', 'windows-guard', 'wtf8', 'state-folder', 'power'].map(
    name => `agent/src/system/${name}.test.ts`,
  ),
  'agent/src/restore/target-name.test.ts',
  'agent/src/policy/hook-process.test.ts',
]

for (const file of files) {
  test(`${file} passes`, async t => {
    // One process for all: each start of another takes wine half a second.
    const words = [...node.words, '--test-isolation=none', '--test-reporter=tap', '--test', file]
    const { code, out, err } = await wine.run(node.program, words, { folder: top })
    const passed = Number(/^# pass (\d+)$/m.exec(out)?.[1] ?? 0)
    assert.equal(code, 0, `${out}\n${err}`)
    assert.ok(passed > 0, 'some tests ran')
    t.diagnostic(`${passed} passed`)
  })
}
