// The known answers in proto/vectors are what the code gives today. When this fails, the format changed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { it } from 'node:test'

for (const program of ['trust', 'format']) {
  it(`scripts/vectors/${program}.ts would write nothing new`, () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, `vectors/${program}.ts`), '--check'],
      { encoding: 'utf8' },
    )
    assert.equal(
      status,
      0,
      `${stderr}
       The bytes at rest or a rule about them are no longer what docs/format.md says. If that is a mistake, mend the
       code. If it is meant, it is a new version of the format (docs/format.md §12): never rewrite the answers of a
       released one.`,
    )
  })
}
