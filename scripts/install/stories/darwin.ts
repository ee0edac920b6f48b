// No Mac is here, but its executable is made here: whole, with a signature that fits each of its pages.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from '../../release/bundle.ts'
import { makeExecutable } from '../../release/executable.ts'
import { machOFault, readMachO } from '../../release/mach-o.ts'
import { addonFile, programNamed, targetNamed } from '../../release/programs.ts'
import { first } from '../packages.ts'
import { story } from '../story.ts'

story('an executable for a Mac is signed page by page', [], async t => {
  const made = mkdtempSync(join(tmpdir(), 'backstay-darwin-'))
  t.after(() => rmSync(made, { recursive: true }))
  const agent = programNamed('backstay-agent')
  const target = targetNamed('darwin-arm64')
  const file = readFileSync(makeExecutable(agent, target, await bundle(agent, first.version), made))
  assert.equal(machOFault(file), undefined)
  assert.ok(
    readMachO(file).segments.some(({ name }) => name === 'NODE_SEA'),
    'our code is in it',
  )
  file.writeUInt8(file.readUInt8(50_000_000) ^ 1, 50_000_000)
  assert.match(machOFault(file) ?? '', /^page \d+ differs$/)
  for (const native of agent.natives)
    assert.ok(readMachO(readFileSync(join(made, addonFile(native)))).commands > 0, native)
})
