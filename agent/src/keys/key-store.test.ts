import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { fileKeychain } from './file-keychain.ts'
import { type KeyStoreOptions, keyStore as openKeyStore, requireKind } from './key-store.ts'
import type { Keychain } from './keychain.ts'
import { memoryKeychain } from './memory-keychain.ts'
import { sealedKeychain } from './sealed-keychain.ts'
import { readStateKey } from './state-key.ts'
import { keychainConformance } from './testing/keychain-conformance.ts'

const top = await mkdtemp(join(tmpdir(), 'backstay-keys-'))
after(() => rm(top, { recursive: true }))
let count = 0
const folder = () => join(top, String(count++))

const none = () => {
  throw new Failure('keychain_unavailable', 'the keyring of this system does not answer')
}
type Options = Omit<KeyStoreOptions, 'files' | 'sealed'>
const keyStore = (primitives: typeof p, here: string, options: Options) =>
  openKeyStore(primitives, here, {
    ...options,
    files: fileKeychain(here),
    sealed: key => sealedKeychain(p, here, key),
  })

const plain: Options = {
  ...{ wanted: undefined, triesSystem: false },
  stateKey: async () => undefined,
  openSystem: async () => none(),
}
const key = p.random(32)
const secret = Uint8Array.of(1, 2, 3)
const withKey = (one: Bytes | undefined = key): Options => ({ ...plain, stateKey: async () => one })
const unavailable = (names: RegExp) => (error: unknown) =>
  isFailure(error, 'keychain_unavailable') && names.test(error.message) && error.remedy === 'retry'

describe('files that are sealed', () => {
  const here = folder()
  const open = async () => sealedKeychain(p, here, key)
  keychainConformance(open, open)

  it('open with their key alone, under their own name alone, and never when a bit is turned', async () => {
    const place = folder()
    await sealedKeychain(p, place, key).set('one', secret)
    const path = join(place, 'one.sealed')
    const bytes = await readFile(path)
    assert.ok(!bytes.includes(secret))
    const isDamaged = (error: unknown) => isFailure(error, 'identity_damaged') && error.message.includes(path)
    await assert.rejects(sealedKeychain(p, place, p.random(32)).get('one'), isDamaged)
    await writeFile(join(place, 'two.sealed'), bytes)
    await assert.rejects(sealedKeychain(p, place, key).get('two'), error =>
      isFailure(error, 'identity_damaged'),
    )
    for (let at = 0; at < bytes.length; at++) {
      const turned = Buffer.from(bytes)
      turned[at] = (turned[at] ?? 0) ^ 1
      await writeFile(path, turned)
      await assert.rejects(sealedKeychain(p, place, key).get('one'), isDamaged)
      await writeFile(path, bytes.subarray(0, at))
      await assert.rejects(sealedKeychain(p, place, key).get('one'), isDamaged)
    }
  })
})

describe('the store of keys', () => {
  it('knows nothing before it was used, and is files where there is nothing better', async () => {
    const here = folder()
    const store = keyStore(p, here, plain)
    assert.equal(await store.kind(), undefined)
    assert.equal(await store.get('device'), undefined)
    assert.equal(await store.delete('device'), false)
    await store.set('device', secret)
    assert.equal(await store.kind(), 'file')
    assert.deepEqual(await keyStore(p, here, plain).get('device'), secret)
    assert.deepEqual((await readdir(here)).sort(), ['device.secret', 'keychain.json'])
  })

  it('seals with the key that systemd gives, and leaves nothing in the open', async () => {
    const here = folder()
    await keyStore(p, here, withKey()).set('device', secret)
    const again = keyStore(p, here, withKey())
    assert.deepEqual([await again.kind(), await again.get('device')], ['credential', secret])
    assert.deepEqual((await readdir(here)).sort(), ['device.sealed', 'keychain.json'])
    for (const name of await readdir(here)) assert.ok(!(await readFile(join(here, name))).includes(secret))
  })

  it('waits for a key that is away, and takes no other in its place', async () => {
    const here = folder()
    await keyStore(p, here, withKey()).set('device', secret)
    const without = keyStore(p, here, plain)
    await assert.rejects(without.get('device'), unavailable(/backstay-state-key, which is not there/))
    await assert.rejects(without.set('device', secret), unavailable(/not there/))
    const other = keyStore(p, here, withKey(p.random(32)))
    await assert.rejects(other.get('device'), unavailable(/another credential/))
    await assert.rejects(other.set('device', secret), unavailable(/another credential/))
    assert.deepEqual(await keyStore(p, here, withKey()).get('device'), secret)
  })

  it('goes on with the files of older agents, whatever else is there now', async () => {
    const here = folder()
    await fileKeychain(here).set('device', secret)
    const store = keyStore(p, here, { ...withKey(), triesSystem: true })
    assert.deepEqual([await store.kind(), await store.get('device')], ['file', secret])
    await store.set('epoch-2', secret)
    assert.deepEqual((await readdir(here)).sort(), ['device.secret', 'epoch-2.secret'])
  })

  it('uses the keyring of the system where it truly keeps a secret, and files where it only says so', async () => {
    const chains = new Map<string, Keychain>()
    const openSystem = async (service: string) => {
      const chain = chains.get(service) ?? memoryKeychain()
      chains.set(service, chain)
      return chain
    }
    const options = { ...plain, triesSystem: true, openSystem }
    const here = folder()
    await keyStore(p, here, options).set('device', secret)
    assert.deepEqual(await readdir(here), ['keychain.json'])
    const again = keyStore(p, here, options)
    assert.deepEqual([await again.kind(), await again.get('device')], ['system', secret])
    await keyStore(p, folder(), options).set('device', secret)
    assert.equal(chains.size, 2, 'each state folder has its own place there')

    const forgetful = { ...memoryKeychain(), get: async () => undefined }
    const elsewhere = keyStore(p, folder(), { ...options, openSystem: async () => forgetful })
    await elsewhere.set('device', secret)
    assert.equal(await elsewhere.kind(), 'file')
  })

  it('does not fall back when somebody says which, and writes nothing then', async () => {
    for (const wanted of ['system', 'credential'] as const) {
      const here = folder()
      const store = keyStore(p, here, { ...plain, wanted })
      await assert.rejects(store.set('device', secret), error => isFailure(error, 'keychain_unavailable'))
      assert.equal(await store.kind(), undefined)
      await assert.rejects(readdir(here))
    }
    const here = folder()
    const store = keyStore(p, here, { ...withKey(), wanted: 'file' })
    await store.set('device', secret)
    assert.equal(await store.kind(), 'file')
  })

  it('says what to do when the keyring stops answering, heals when it does again, and keeps its choice', async () => {
    const here = folder()
    const chain = memoryKeychain()
    let isAway = false
    const guarded: Keychain = {
      get: async name => (isAway ? none() : chain.get(name)),
      set: async (name, value) => (isAway ? none() : chain.set(name, value)),
      delete: async name => (isAway ? none() : chain.delete(name)),
    }
    const options = {
      ...plain,
      wanted: 'system',
      openSystem: async () => (isAway ? none() : guarded),
    } as const
    await keyStore(p, here, options).set('device', secret)
    const store = keyStore(p, here, { ...options, wanted: undefined })
    isAway = true
    await assert.rejects(store.get('device'), unavailable(/keyring of this system, which does not answer/))
    await assert.rejects(store.set('device', secret), unavailable(/does not answer/))
    assert.equal(await store.kind(), 'system')
    isAway = false
    assert.deepEqual(await store.get('device'), secret)
    isAway = true
    await assert.rejects(store.get('device'), unavailable(/does not answer/))
  })

  it('moves what it holds, goes on with it at once, and takes nothing along that is not asked for', async () => {
    const here = folder()
    const store = keyStore(p, here, withKey())
    await keyStore(p, here, { ...withKey(), wanted: 'file' }).set('device', secret)
    await store.set('epoch-1', secret)
    await store.move(['device', 'epoch-1'], 'credential')
    assert.deepEqual([await store.kind(), await store.copies()], ['credential', undefined])
    assert.deepEqual((await readdir(here)).sort(), ['device.sealed', 'epoch-1.sealed', 'keychain.json'])
    await store.set('epoch-2', secret)
    for (const name of ['device', 'epoch-1', 'epoch-2'])
      assert.deepEqual(await keyStore(p, here, withKey()).get(name), secret)
    await store.move(['device', 'epoch-1', 'epoch-2'], 'file')
    await store.move(['device', 'epoch-1', 'epoch-2'], 'file')
    const names = ['device.secret', 'epoch-1.secret', 'epoch-2.secret', 'keychain.json']
    assert.deepEqual((await readdir(here)).sort(), names)
    await assert.rejects(store.move(['device'], 'system'), error => isFailure(error, 'keychain_unavailable'))
    await assert.rejects(keyStore(p, here, plain).move(['device'], 'credential'), unavailable(/not there/))
    assert.deepEqual([await store.kind(), await store.get('device')], ['file', secret])
  })

  it('says what an enrolment that was begun has chosen, to who wants it otherwise', async () => {
    const store = keyStore(p, folder(), plain)
    await requireKind(store, 'credential')
    await store.set('device', secret)
    await requireKind(store, 'file')
    await requireKind(store, undefined)
    await assert.rejects(requireKind(store, 'system'), error => isFailure(error, 'other_keychain'))
  })

  it('is damaged rather than guessed when its choice cannot be read', async () => {
    const here = folder()
    await keyStore(p, here, withKey()).set('device', secret)
    const path = join(here, 'keychain.json')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('credential', 'credentiaI'))
    await assert.rejects(keyStore(p, here, withKey()).get('device'), error =>
      isFailure(error, 'identity_damaged'),
    )
  })
})

describe('the key that systemd gives', () => {
  it('is a file of at least 32 bytes where systemd says', async () => {
    const here = folder()
    await mkdir(here)
    const environment = { CREDENTIALS_DIRECTORY: here }
    assert.equal(await readStateKey(p, environment), undefined)
    await writeFile(join(here, 'backstay-state-key'), p.random(31))
    await assert.rejects(readStateKey(p, environment), error => isFailure(error, 'keychain_unavailable'))
    await writeFile(join(here, 'backstay-state-key'), new Uint8Array(32).fill(7))
    const one = await readStateKey(p, environment)
    assert.equal(one?.length, 32)
    assert.notDeepEqual(one, new Uint8Array(32).fill(7), 'derived, never the credential itself')
  })
})
