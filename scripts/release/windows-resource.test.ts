import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NtExecutable, NtExecutableResource } from 'resedit'
import { versionOf, withVersion } from './windows-resource.ts'

const about = { file: 'backstay-agent.exe', title: 'Backstay agent', version: '7.8.9' }
const empty = (): Uint8Array => new Uint8Array(NtExecutable.createEmpty(false, false).generate())
const resourcesOf = (program: Uint8Array) => NtExecutableResource.from(NtExecutable.from(program))

test('a program says its name, version and company, and is the same when that is written again', () => {
  assert.equal(versionOf(empty()), undefined)
  const [one, two] = [withVersion(empty(), about), withVersion(empty(), about)]
  assert.deepEqual(versionOf(one), {
    CompanyName: 'Backstay',
    FileDescription: 'Backstay agent',
    FileVersion: '7.8.9',
    InternalName: 'backstay-agent',
    LegalCopyright: 'Licensed under Apache-2.0',
    OriginalFilename: 'backstay-agent.exe',
    ProductName: 'Backstay',
    ProductVersion: '7.8.9',
  })
  assert.ok(one.equals(two))
})

test('what another maker said is replaced, not stood beside', () => {
  const before = withVersion(empty(), { file: 'node.exe', title: 'Node.js', version: '26.10.0' })
  const after = withVersion(before, about)
  assert.equal(versionOf(after)?.OriginalFilename, 'backstay-agent.exe')
  assert.equal(resourcesOf(after).entries.filter(({ type }) => type === 16).length, 1)
})

test('its manifest stays, its icon goes', () => {
  const executable = NtExecutable.from(empty())
  const resources = NtExecutableResource.from(executable)
  const bin = new Uint8Array([1, 2, 3, 4]).buffer
  for (const type of [3, 14, 24]) resources.entries.push({ type, id: 1, lang: 1033, codepage: 1200, bin })
  resources.outputResource(executable)
  const after = withVersion(new Uint8Array(executable.generate()), about)
  assert.deepEqual(
    resourcesOf(after)
      .entries.map(({ type }) => type)
      .sort(),
    [16, 24],
  )
})

test('what is no program of Windows is refused', () => {
  assert.throws(() => withVersion(new Uint8Array(2000), about))
})
