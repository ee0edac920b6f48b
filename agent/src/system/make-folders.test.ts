import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFolders } from './make-folders.ts'

const top = mkdtempSync(join(tmpdir(), 'backstay-folders-'))
after(() => rmSync(top, { recursive: true }))

test('all that is missing is made, and what is there is left as it is', () => {
  makeFolders(join(top, 'a/b/c'), 0o700)
  assert.equal(statSync(join(top, 'a/b/c')).mode & 0o777, 0o700)
  makeFolders(join(top, 'a/b/c'), 0o755)
  assert.equal(statSync(join(top, 'a/b')).mode & 0o777, 0o700)
})

test('names are bytes', () => {
  const name = Buffer.concat([Buffer.from(`${top}/`), Buffer.from([0xff, 0xfe]), Buffer.from('/x')])
  makeFolders(name, 0o700)
  assert(existsSync(name))
})

test('what cannot be made is an error, also where the system contradicts itself', () => {
  writeFileSync(join(top, 'file'), '')
  assert.throws(() => makeFolders(join(top, 'file/x/y'), 0o700), { code: 'ENOTDIR' })
  assert.throws(() => makeFolders(join(top, 'file'), 0o700), { code: 'EEXIST' })
  // A restore to such a place never ended.
  if (existsSync('/proc/self'))
    assert.throws(() => makeFolders('/proc/backstay/x', 0o700), { code: 'ENOENT' })
})
