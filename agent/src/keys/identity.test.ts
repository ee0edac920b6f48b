import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId } from '@backstay/proto/object/id'
import { testDevice, testFleet, testPolicy } from '@backstay/proto/trust/testing/fleet'
import { verifyTrustChain } from '@backstay/proto/trust/trust'
import { type KnownOrders, noOrders } from '../policy/obey.ts'
import { checkedJson } from './checked-json.ts'
import { fileKeychain } from './file-keychain.ts'
import {
  type DeviceIdentity,
  type IdentityStore,
  identityStore,
  type KnownTrust,
  noHead,
} from './identity.ts'
import { type Keychain, secretBytesMax } from './keychain.ts'
import { memoryKeychain } from './memory-keychain.ts'

const top = await mkdtemp(join(tmpdir(), 'backstay-identity-'))
after(() => rm(top, { recursive: true }))
let count = 0

interface Enrolled {
  readonly folder: string
  readonly keychain: Keychain
  readonly store: IdentityStore
  readonly identity: DeviceIdentity
  readonly trust: KnownTrust
  readonly orders: KnownOrders
}

async function sample(): Promise<Enrolled> {
  const fleet = await testFleet(p)
  const device = await testDevice(p, fleet, 'laptop')
  const folder = join(top, String(count++))
  const keychain = fileKeychain(join(folder, 'secrets'))
  return {
    folder,
    keychain,
    store: identityStore(p, folder, keychain),
    identity: {
      fleet: fleet.trust.fleet,
      device: device.id,
      urls: ['wss://backup.example:7443'],
      certificate: device.certificateEnvelope,
      grant: device.grantEnvelope,
      secrets: {
        signingSeed: p.random(32),
        borderSecret: p.random(32),
        identity: device.identity,
        epochs: [{ epoch: 1, deviceSecret: p.random(32) }],
      },
    },
    trust: { chain: [fleet.trust.envelope], escrowedFor: 1 },
    orders: { envelopes: [await testPolicy(p, fleet)], marks: new Map([['policy ', mark]]) },
  }
}

const mark = { trustVersion: 1, sequence: 2 ** 53 - 1, id: 'ab'.repeat(16) }

async function enrolled(): Promise<Enrolled> {
  const one = await sample()
  await one.store.enroll(one.identity, one.trust, one.orders)
  return one
}

const damaged = (file: string) => (error: unknown) =>
  isFailure(error, 'identity_damaged') && error.message.includes(file) && error.hint !== undefined

describe("a device's identity", () => {
  it('is read back as it was enrolled', async () => {
    const { folder, keychain, identity, trust, orders } = await enrolled()
    const again = identityStore(p, folder, keychain)
    assert.deepEqual(await again.readIdentity(), identity)
    assert.deepEqual(await again.readTrust(), trust)
    assert.deepEqual(await again.readOrders(), orders)
    assert.deepEqual(await again.readHead(), noHead)
    const believed = await verifyTrustChain(p, (await again.readTrust()).chain, identity.fleet)
    assert.equal(believed.document.version, 1)
  })

  it('is undefined before enrolment, and is never enrolled over', async () => {
    const { store } = await sample()
    assert.equal(await store.readIdentity(), undefined)
    const { store: full, identity, trust, orders } = await enrolled()
    await assert.rejects(full.enroll(identity, trust, orders), error => isFailure(error, 'already_enrolled'))
  })

  it('keeps head, trust and orders apart, each replaced as a whole', async () => {
    const { store, trust, orders, identity } = await enrolled()
    const head = { sequence: 7, id: 'ab'.repeat(32) as ObjectId }
    await store.writeHead(head)
    assert.deepEqual(await store.readHead(), head)
    assert.deepEqual(await store.readTrust(), trust)
    assert.deepEqual(await store.readOrders(), orders)
    await store.writeOrders(noOrders)
    assert.deepEqual(await store.readOrders(), noOrders)
    assert.deepEqual(await store.readHead(), head)
    assert.deepEqual(await store.readIdentity(), identity)
  })

  it('takes epoch after epoch, and keeps the keys of the old ones', async () => {
    const { store, identity } = await enrolled()
    const epochs = Array.from({ length: 60 }, (_, n) => ({ epoch: n + 1, deviceSecret: p.random(32) }))
    const later = { ...identity, secrets: { ...identity.secrets, epochs } }
    await store.writeIdentity(later)
    assert.deepEqual(await store.readIdentity(), later)
  })

  it('fits into the smallest keychain of all systems', async () => {
    const sizes: number[] = []
    const inner = memoryKeychain()
    const measuring: Keychain = {
      ...inner,
      set(name, secret) {
        sizes.push(secret.length)
        return inner.set(name, secret)
      },
    }
    const { folder, identity, trust, orders } = await sample()
    await identityStore(p, folder, measuring).enroll(identity, trust, orders)
    assert.ok(Math.max(...sizes) <= secretBytesMax / 2)
  })

  it('is for its owner only', { skip: process.platform === 'win32' }, async () => {
    const { folder } = await enrolled()
    for (const name of ['device.json', 'trust.json', 'head.json', 'secrets/device.secret']) {
      assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name)
    }
  })

  it('lies in the open without any secret', async () => {
    const { folder, identity } = await enrolled()
    const { secrets } = identity
    const planted = [secrets.signingSeed, secrets.borderSecret, secrets.epochs[0]?.deviceSecret]
    for (const name of ['device.json', 'trust.json', 'orders.json', 'head.json']) {
      const text = await readFile(join(folder, name), 'utf8')
      assert.ok(!text.includes(secrets.identity), name)
      for (const secret of planted)
        assert.ok(
          !text.includes((secret ?? assert.fail()).toBase64({ alphabet: 'base64url', omitPadding: true })),
          name,
        )
    }
    assert.deepEqual((await readdir(folder)).toSorted(), [
      'device.json',
      'head.json',
      'jobs.json',
      'orders.json',
      'secrets',
      'trust.json',
    ])
  })
})

describe('damage to the identity', () => {
  const files = ['device.json', 'trust.json', 'head.json', 'secrets/device.secret', 'secrets/epoch-1.secret']
  const readAll = async (store: IdentityStore) => {
    await store.readIdentity()
    await store.readTrust()
    await store.readHead()
  }

  for (const file of files) {
    const named = file.startsWith('secrets') ? (file.match(/\/(.*)\.secret/)?.[1] ?? '') : file

    it(`in ${file} is named: cut short, one bit turned, emptied, replaced`, async () => {
      const { folder, store } = await enrolled()
      const path = join(folder, file)
      const whole = await readFile(path)
      await readAll(store)
      const turned = Buffer.from(whole)
      turned[whole.length >> 1] = (whole[whole.length >> 1] as number) ^ 1
      const wrongs = [
        whole.subarray(0, -1),
        whole.subarray(0, 70),
        turned,
        Buffer.alloc(0),
        Buffer.from('{}'),
      ]
      for (const wrong of wrongs) {
        await writeFile(path, wrong)
        await assert.rejects(readAll(store), damaged(named))
      }
      await writeFile(path, whole)
      await readAll(store)
    })
  }

  it('is named when a file is missing though the device is enrolled', async () => {
    for (const file of files.slice(1)) {
      const { folder, store } = await enrolled()
      await rm(join(folder, file))
      const named = file.startsWith('secrets') ? 'keychain' : file
      await assert.rejects(readAll(store), damaged(named), file)
    }
  })

  it('of form, with a right hash, is named too', async () => {
    const wrongs: [string, unknown][] = [
      ['head.json', { sequence: 0, id: 'ab'.repeat(32) }],
      ['head.json', { sequence: -1 }],
      ['head.json', { sequence: 1, id: 'AB' }],
      ['head.json', null],
      ['trust.json', { chain: [] }],
      ['trust.json', { chain: [5] }],
      ['device.json', { fleet: 'x' }],
      ['secrets/device.secret', { signingSeed: 'AA' }],
      ['secrets/epoch-1.secret', { deviceSecret: 'AAAA' }],
    ]
    for (const [file, content] of wrongs) {
      const { folder, store } = await enrolled()
      await writeFile(join(folder, file), await checkedJson(p, content))
      await assert.rejects(
        readAll(store),
        error => isFailure(error, 'identity_damaged'),
        `${file} ${JSON.stringify(content)}`,
      )
    }
  })

  it('by an interrupted enrolment leaves the device not enrolled, and the next one works', async () => {
    for (const failing of ['epoch-1', 'device']) {
      const { folder, identity, trust, orders } = await sample()
      const inner = memoryKeychain()
      const torn: Keychain = {
        ...inner,
        async set(name, secret) {
          if (name === failing) throw new Error('power lost')
          await inner.set(name, secret)
        },
      }
      await assert.rejects(identityStore(p, folder, torn).enroll(identity, trust, orders), /power lost/)
      const store = identityStore(p, folder, inner)
      assert.equal(await store.readIdentity(), undefined)
      await store.enroll(identity, trust, orders)
      assert.deepEqual(await store.readIdentity(), identity)
    }
  })

  it('of an interrupted enrolment is the same device with the same grant, and another with another', async () => {
    // A full disk between the collector's yes and our own files used up the token, and nobody was enrolled.
    const { folder, keychain, identity, trust, orders } = await sample()
    const fresh = () => ({ ...identity.secrets, signingSeed: p.random(32) })
    const [first, second, third] = [fresh(), fresh(), fresh()]
    const open = () => identityStore(p, folder, keychain)
    assert.deepEqual(await open().prepare('aa', first), first)
    assert.equal(await open().readIdentity(), undefined)
    assert.deepEqual(await open().prepare('aa', second), first)
    assert.deepEqual(await open().prepare('bb', second), second)
    await writeFile(join(folder, 'enrolling.json'), 'torn')
    assert.deepEqual(await open().prepare('bb', third), third)
    await open().enroll({ ...identity, secrets: third }, trust, orders)
    assert.deepEqual((await open().readIdentity())?.secrets, third)
    assert(!(await readdir(folder)).includes('enrolling.json'))
  })
})
