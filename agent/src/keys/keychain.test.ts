import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { readSmall, writeDurably, writeShared } from './durable-file.ts'
import { fileKeychain } from './file-keychain.ts'
import type { Keychain } from './keychain.ts'
import { memoryKeychain } from './memory-keychain.ts'
import { systemKeychain } from './system-keychain.ts'
import { keychainConformance } from './testing/keychain-conformance.ts'

describe('the keychain in memory', () => keychainConformance(async () => memoryKeychain()))

describe('the keychain of files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backstay-keychain-'))
  after(() => rm(folder, { recursive: true }))
  const open = async () => fileKeychain(join(folder, 'secrets'))
  keychainConformance(open, open)

  it('lets only its owner read, and leaves no part behind', {
    skip: process.platform === 'win32',
  }, async () => {
    const place = join(folder, 'mode')
    await fileKeychain(place).set('one', Uint8Array.of(1))
    assert.equal((await stat(place)).mode & 0o777, 0o700)
    assert.equal((await stat(join(place, 'one.secret'))).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(place), ['one.secret'])
  })

  it('ignores what a crash left half-written, and overwrites it', async () => {
    const place = join(folder, 'crash')
    const keychain = fileKeychain(place)
    await keychain.set('one', Uint8Array.of(1))
    await writeFile(join(place, 'one.secret.part'), 'half', { mode: 0o666 })
    assert.deepEqual(await keychain.get('one'), Uint8Array.of(1))
    await keychain.set('one', Uint8Array.of(2))
    assert.deepEqual(await keychain.get('one'), Uint8Array.of(2))
    assert.equal((await stat(join(place, 'one.secret'))).mode & 0o777, 0o600)
  })

  it('says so when it cannot write, and leaves the old secret', async () => {
    const place = join(folder, 'blocked')
    await writeFile(place, 'a file where a folder must be')
    await assert.rejects(
      fileKeychain(place).set('one', Uint8Array.of(1)),
      error => isFailure(error, 'file_unwritable') && error.message.includes('one.secret'),
    )
    const file = join(folder, 'kept', 'x')
    await writeDurably(file, Uint8Array.of(1))
    await rm(file)
    await mkdir(join(file, 'in the way'), { recursive: true })
    await assert.rejects(writeDurably(file, Uint8Array.of(2)), error => isFailure(error, 'file_unwritable'))
    assert.deepEqual(await readdir(join(folder, 'kept')), ['x'], 'and no part')
  })

  it('lets several write one file at once, which is then what one of them wrote', async () => {
    const file = join(folder, 'shared', 'x')
    const all = Array.from({ length: 20 }, (_, index) => new Uint8Array(5000).fill(index))
    await Promise.all(all.map(bytes => writeShared(file, bytes)))
    const found = (await readSmall(file, 5000)) ?? new Uint8Array()
    assert.deepEqual(found, all[found[0] ?? 0])
    assert.deepEqual(await readdir(join(folder, 'shared')), ['x'])
  })

  it('reads files of exactly the limit, and of any number of reads', async () => {
    const file = join(folder, 'long')
    await writeDurably(file, new Uint8Array(200_000).fill(3))
    assert.deepEqual(await readSmall(file, 200_000), new Uint8Array(200_000).fill(3))
    await assert.rejects(readSmall(file, 199_999), error => isFailure(error, 'file_too_large'))
  })

  it('says so when a file is larger than any secret, or no file at all', async () => {
    const place = join(folder, 'large')
    await fileKeychain(place).set('one', Uint8Array.of(1))
    await writeFile(join(place, 'one.secret'), new Uint8Array(5000))
    await assert.rejects(fileKeychain(place).get('one'), error => isFailure(error, 'file_too_large'))
    await mkdir(join(place, 'two.secret'))
    await assert.rejects(fileKeychain(place).get('two'), error => isFailure(error, 'file_unreadable'))
  })
})

const service = `Backstay test ${process.pid}`
const system: Keychain | undefined = await systemKeychain(service).catch(() => undefined)

if (system === undefined) {
  console.log('not tested: the keyring of this system does not answer, so its keychain was not run')
  it('the keychain of the system says so when there is none', async () => {
    await assert.rejects(systemKeychain(service), error => isFailure(error, 'keychain_unavailable'))
  })
} else {
  describe('the keychain of the system', () =>
    keychainConformance(
      () => systemKeychain(service),
      () => systemKeychain(service),
    ))
}
