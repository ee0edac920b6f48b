// The installer's own unpacking, by the library that is in the package: words are its folder. Beside it lie the sample that it
// unpacks, and what that is: `about.json`.
import assert from 'node:assert/strict'
import { hash, randomInt } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { test } from 'node:test'
import koffi from 'koffi'

const { FOLDER: folder = '' } = env
const about = JSON.parse(readFileSync(join(folder, 'about.json'), 'utf8'))
const library = koffi.load(join(folder, 'installer.dll'))
const call = library.func('uint unpack(const char16_t *, ulonglong, const char16_t *, _Out_ uint8_t *)')
const undo = library.func('void unpack_undo(const char16_t *)')
const settle = library.func('void unpack_settle(const char16_t *)')
const archive = 'backstay-agent.tar.lzma'
const packed = readFileSync(join(folder, archive))
const reasonBytes = 1024
const fileCorrupt = 1392

let count = 0
function target(bytes: Uint8Array, files: Readonly<Record<string, string>> = {}): string {
  const at = join(folder, `target-${++count}`)
  mkdirSync(at)
  writeFileSync(join(at, archive), bytes)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(at, name), text)
  return at
}

function unpack(at: string, sha256: string = about.sha256, bytes: number = about.bytes): [number, string] {
  const why = new Uint8Array(reasonBytes)
  const error = call(at, bytes, sha256, why)
  return [error, Buffer.from(why).toString('utf16le').split('\0')[0] ?? '']
}

const there = (at: string): readonly string[] =>
  readdirSync(at)
    .filter(name => name !== archive)
    .sort()
const names: readonly string[] = about.names
const old = { [names[0] ?? '']: 'old' }

test('every file is in its place, bit for bit, and nothing else', () => {
  const at = target(packed)
  assert.deepEqual(unpack(at), [0, ''])
  settle(at)
  assert.deepEqual(there(at), names)
  for (const name of names) assert.equal(hash('sha256', readFileSync(join(at, name))), about.files[name])
})

test('undone it is as before: what was there is back, what was not is gone', () => {
  const at = target(packed, old)
  assert.deepEqual(unpack(at), [0, ''])
  undo(at)
  assert.deepEqual(there(at), Object.keys(old))
  assert.equal(readFileSync(join(at, names[0] ?? ''), 'utf8'), 'old')
  undo(at)
  assert.deepEqual(there(at), Object.keys(old), 'and once more does no harm')
})

test('settled it stays: nothing brings the old one back', () => {
  const at = target(packed, old)
  unpack(at)
  settle(at)
  undo(at)
  assert.deepEqual(there(at), names)
})

test('cut off at any step it is mended by the next try', () => {
  const [first = '', second = ''] = names
  const cut: readonly Readonly<Record<string, string>>[] = [
    { [first]: 'old', [`${first}.new`]: 'ha' },
    { [first]: 'old', [`${first}.old`]: 'old', [`${first}.new`]: 'new', [`${second}.new`]: 'new' },
    { [first]: 'new', [`${first}.old`]: 'old', [`${second}.new`]: 'new' },
    { [first]: 'new', [`${first}.old`]: '', [`${second}.old`]: '' },
    { [first]: 'new', [`${first}.77.gone`]: 'left' },
  ]
  for (const files of cut) {
    const at = target(packed, files)
    assert.deepEqual(unpack(at), [0, ''])
    settle(at)
    assert.deepEqual(there(at), names)
  }
})

test('what is not what the package was made with is not put anywhere', () => {
  const before = Object.keys(old)
  const refused = (bytes: Uint8Array, ...more: [sha256?: string, bytes?: number]) => {
    const at = target(bytes, old)
    const [error, why] = unpack(at, ...more)
    assert.equal(error, fileCorrupt)
    assert.match(why, /not what this package was made with: "backstay-agent\.tar\.lzma"/)
    assert.deepEqual(there(at), before)
    assert.equal(readFileSync(join(at, names[0] ?? ''), 'utf8'), 'old')
  }
  refused(packed, '0'.repeat(64))
  refused(packed, about.sha256, about.bytes - 1)
  refused(packed, about.sha256, about.bytes + 1)
  for (const length of [1, 5, 13, 17, 18, 1000, packed.length - 1]) refused(packed.subarray(0, length))
  for (let round = 0; round < 60; round++) {
    const at = round < 20 ? round : randomInt(packed.length)
    const turned = Uint8Array.from(packed)
    turned.set([packed.readUInt8(at) ^ (1 << randomInt(8))], at)
    // The dictionary's size and the length say nothing that is needed.
    if (at >= 1 && at < 13) continue
    refused(turned)
  }
})

test('a file that is missing, or a size that nothing has, is said', () => {
  const empty = target(packed)
  assert.match(unpack(join(empty, 'none'))[1], /cannot read/)
  assert.match(unpack(empty, about.sha256, 0)[1], /the size is none/)
  assert.match(unpack(empty, about.sha256, 2 ** 40)[1], /the size is none/)
})

test('what cannot be written leaves what was there, and is said', () => {
  const [first = '', second = ''] = names
  const at = target(packed, old)
  mkdirSync(join(at, `${second}.new`))
  const [error, why] = unpack(at)
  assert.notEqual(error, 0)
  assert.ok(why.startsWith(`cannot write "${at}\\${second}": `), why)
  assert.deepEqual(there(at), [first, `${second}.new`])
  assert.equal(readFileSync(join(at, first), 'utf8'), 'old')
})

test('a name that leads elsewhere, or anything but files, is no archive of ours', () => {
  for (const [name, sha256, bytes] of about.bad) {
    const at = target(readFileSync(join(folder, name)))
    assert.equal(unpack(at, sha256, bytes)[0], fileCorrupt, name)
    assert.deepEqual(there(at), [])
  }
  copyFileSync(join(folder, 'about.json'), join(folder, 'done'))
})
