// Who may read and command from the next version of Trust on: composed, told, signed with the kit, and refused where it must be.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { hex } from '@backstay/proto/bytes'
import { generateIdentity, type Identity } from '@backstay/proto/content/age'
import { makeEscrow, openEscrow } from '@backstay/proto/content/escrow'
import { type Kit, readKit } from '@backstay/proto/content/kit'
import { isFailure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { signPolicy } from '@backstay/proto/policy/policy'
import { writeCollectorKeys } from '@backstay/proto/trust/collector-keys'
import { verifyEscrow } from '@backstay/proto/trust/escrow-record'
import { readInvitation, writeInvitation } from '@backstay/proto/trust/invitation'
import { newOrder } from '@backstay/proto/trust/order'
import { testDevice, testFleet, testKey } from '@backstay/proto/trust/testing/fleet'
import { type VerifiedTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { openAdmin } from '../admin.ts'
import { adminFolder } from '../admin-folder.ts'
import type { AdminKey } from '../admin-key.ts'
import type { AdminLink } from '../connecting.ts'
import { deskIdentities } from '../desk.ts'
import { linkRecords } from '../record-source.ts'
import { ConsoleStage, passphrase } from '../testing/stage.ts'
import { makeRequest, readRequest } from './admin-request.ts'
import { prepareTrust, signPrepared, type TrustChange, type TrustSigner } from './trust-change.ts'

const code = (expected: string) => (error: unknown) => isFailure(error, expected)
const newKey = async (): Promise<AdminKey> => ({ seed: p.random(32), identity: await generateIdentity() })

type Signer = TrustSigner & { readonly link: Pick<AdminLink, 'putRecord' | 'listDevices' | 'listRecords'> }

class Owner {
  readonly stage: ConsoleStage
  readonly kit: Kit
  signer: Signer

  constructor(stage: ConsoleStage, kit: Kit, signer: Signer) {
    ;[this.stage, this.kit, this.signer] = [stage, kit, signer]
  }

  /** Signs it, and believes it from then on. */
  async enact(change: TrustChange): Promise<VerifiedTrust> {
    const prepared = await prepareTrust(this.signer, change, this.stage.nowMs)
    const signed = await signPrepared(this.signer, prepared, this.kit, this.stage.nowMs)
    const { trust, envelope, keyrings } = signed
    for (const one of [...keyrings, envelope]) await this.signer.link.putRecord(one)
    assert.ok(trust, 'enough owners signed it')
    this.signer = { ...this.signer, trust, history: [...this.signer.history, trust] }
    return trust
  }

  /** What an admin with this identity finds in the keyrings. */
  desk(identity: Identity): Promise<Identity[]> {
    return deskIdentities(linkRecords(this.signer.link), this.signer.history, identity)
  }
}

async function owner(): Promise<Owner> {
  const stage = new ConsoleStage()
  await stage.init()
  const around = { primitives: p, environment: { BACKSTAY_PASSPHRASE: passphrase } } as never
  const { signingKey, identity } = await openAdmin(around, adminFolder(p, stage.admin), {})
  const trust = await stage.trust()
  const link = await stage.collector.admin({
    ...{ urls: [], trust, signingKey },
    signal: new AbortController().signal,
  })
  const { roles } = trust.document.admins[0] ?? assert.fail()
  const kit = readKit(readFileSync(stage.kitFile, 'utf8'))
  return new Owner(stage, kit, { primitives: p, signingKey, identity, trust, history: [trust], roles, link })
}

test('an admin is added, reads what was sealed before, and nothing new after being removed', async () => {
  const one = await owner()
  using _stage = one.stage
  const berta = await newKey()
  const request = await makeRequest(p, 'Berta', berta)
  const first = await one.desk(one.signer.identity)
  await assert.rejects(one.desk(berta.identity), code('no_keyring'))
  const added = await one.enact({ kind: 'add', request, roles: ['audit', 'restore'] })
  assert.deepEqual(added.document.admins[1]?.roles, ['restore', 'audit'])
  assert.deepEqual(await one.desk(berta.identity), first)

  const rotated = await one.enact({ kind: 'rotate' })
  assert.notEqual(rotated.document.deskRecipient, added.document.deskRecipient)
  const second = await one.desk(berta.identity)
  assert.equal(second.length, 2)

  const { key } = await readRequest(p, request)
  const gone = await one.enact({ kind: 'remove', key: hex(key) })
  assert.deepEqual(gone.document.admins.length, 1)
  assert.notEqual(gone.document.deskRecipient, rotated.document.deskRecipient)
  assert.equal((await one.desk(one.signer.identity)).length, 3)
  assert.deepEqual(await one.desk(berta.identity), second, 'what she had, and no more')
  // A chain from the beginning says the same.
  const chain = one.signer.history.map(trust => trust.envelope)
  assert.equal((await verifyTrustChain(p, chain, added.fleet)).document.version, 4)
})

test('test 29, removed-admin: who may restore no longer opens no escrow that is made from then on, of whichever epoch', async () => {
  const one = await owner()
  using _stage = one.stage
  const berta = await newKey()
  const request = await makeRequest(p, 'Berta', berta)
  const added = await one.enact({ kind: 'add', request, roles: ['restore'] })
  const laptop = await testDevice(p, { ...(await testFleet(p)), trust: added }, 'laptop')
  const secretsOf = (epoch: number) => ({
    ...{ epoch, deviceSecret: new Uint8Array(32).fill(epoch) },
    borderSecret: new Uint8Array(32).fill(9),
  })
  const escrowed = async (trust: VerifiedTrust, epoch: number) => {
    const secrets = secretsOf(epoch)
    const options = { trust, device: laptop.id, secrets, signingKey: laptop.key, nowMs: one.stage.nowMs }
    return verifyEscrow(p, await makeEscrow(p, options), laptop.key.publicKey)
  }
  /** With any desk key that this identity can read. */
  const opensWith = async (identity: Identity, record: Awaited<ReturnType<typeof escrowed>>) => {
    const tried = (await one.desk(identity)).map(desk => openEscrow(p, record, desk, 'desk'))
    return (await Promise.allSettled(tried)).some(({ status }) => status === 'fulfilled')
  }
  assert.equal(await opensWith(berta.identity, await escrowed(added, 1)), true)
  const { key } = await readRequest(p, request)
  const gone = await one.enact({ kind: 'remove', key: hex(key) })
  for (const epoch of [1, 2]) {
    const fresh = await escrowed(gone, epoch)
    assert.equal(await opensWith(berta.identity, fresh), false)
    assert.equal(await opensWith(one.signer.identity, fresh), true)
  }
})

test('who may not restore needs no desk key; who may no longer makes it new', async () => {
  const one = await owner()
  using _stage = one.stage
  const berta = await newKey()
  const request = await makeRequest(p, 'Berta', berta)
  const { key } = await readRequest(p, request)
  const before = one.signer.trust.document.deskRecipient
  const added = await one.enact({ kind: 'add', request, roles: ['audit'] })
  assert.equal(added.document.deskRecipient, before)
  await assert.rejects(one.desk(berta.identity), code('no_keyring'))
  const raised = await one.enact({ kind: 'roles', key: hex(key), roles: ['audit', 'restore'] })
  assert.equal(raised.document.deskRecipient, before)
  assert.equal((await one.desk(berta.identity)).length, 1)
  const lowered = await one.enact({ kind: 'roles', key: hex(key), roles: ['audit'] })
  assert.notEqual(lowered.document.deskRecipient, before)
})

test('who removes an admin reads which orders fall, and only those that nobody else signed over', async () => {
  const one = await owner()
  using _stage = one.stage
  const berta = await newKey()
  const request = await makeRequest(p, 'Berta', berta)
  const { key } = await readRequest(p, request)
  const trust = await one.enact({ kind: 'add', request, roles: ['policy'] })
  const signBy = async (seed: Uint8Array, sequence: number, audience: readonly Uint8Array[] = []) => {
    const order = newOrder(p, trust, one.stage.nowMs, { sequence, audience })
    const settings = [{ kind: 'battery', value: 30, locked: false } as const]
    const envelope = await signPolicy(p, { order, name: '', settings }, await p.signingKey(seed))
    await one.signer.link.putRecord(envelope)
  }
  await signBy(berta.seed, 7)
  await signBy(berta.seed, 1, [new Uint8Array(16).fill(0xab)])
  const linesOf = async (change: TrustChange) =>
    (await prepareTrust(one.signer, change, one.stage.nowMs)).lines.join('\n')
  const remove = { kind: 'remove', key: hex(key) } as const
  assert.match(
    await linesOf(remove),
    /fall with it: the policy of the fleet; the policy of device or token abababab\./,
  )
  assert.match(await linesOf({ ...remove, kind: 'roles', roles: ['audit'] }), /the policy of the fleet/)
  assert.doesNotMatch(await linesOf({ kind: 'rotate' }), /fall with it/)
})

test('what must not be signed is refused, with its reason', async () => {
  const one = await owner()
  using _stage = one.stage
  const { signer, stage } = one
  const own = hex(signer.signingKey.publicKey)
  const request = await makeRequest(p, 'Berta', await newKey())
  const refused = (change: TrustChange, by = signer) => prepareTrust(by, change, stage.nowMs)
  await assert.rejects(refused({ kind: 'remove', key: own }), code('yourself'))
  await assert.rejects(refused({ kind: 'roles', key: own, roles: ['audit'] }), code('yourself'))
  await assert.rejects(refused({ kind: 'remove', key: '00'.repeat(32) }), code('unknown_admin'))
  await assert.rejects(refused({ kind: 'add', request, roles: [] }), code('no_roles'))
  const clerk = { ...signer, roles: ['policy'] as const }
  await assert.rejects(refused({ kind: 'rotate' }, clerk), code('no_restore_role'))
  await assert.rejects(refused({ kind: 'add', request, roles: ['restore'] }, clerk), code('no_restore_role'))
  await refused({ kind: 'add', request, roles: ['policy'] }, clerk)
  await one.enact({ kind: 'add', request, roles: ['policy'] })
  await assert.rejects(refused({ kind: 'add', request, roles: ['audit'] }, one.signer), code('key_taken'))
  const twin = await makeRequest(p, 'Berta', await newKey())
  await assert.rejects(
    refused({ kind: 'add', request: twin, roles: ['audit'] }, one.signer),
    code('name_taken'),
  )
  const { key } = await readRequest(p, request)
  const same = { kind: 'roles', key: hex(key), roles: ['policy'] } as const
  await assert.rejects(refused(same, one.signer), code('nothing_changes'))
})

test('the kit of another fleet signs nothing', async () => {
  const [one, other] = [await owner(), await owner()]
  using _one = one.stage
  using _other = other.stage
  const prepared = await prepareTrust(one.signer, { kind: 'rotate' }, one.stage.nowMs)
  await assert.rejects(signPrepared(one.signer, prepared, other.kit, 0), code('wrong_kit'))
  const forged = { ...other.kit, fleet: one.kit.fleet }
  await assert.rejects(signPrepared(one.signer, prepared, forged, 0), code('wrong_role'))
})

test('a request survives mail, and no change of it', async () => {
  const text = await makeRequest(p, 'Berta Bär', await newKey())
  const read = await readRequest(p, text)
  assert.equal(read.name, 'Berta Bär')
  assert.equal(read.fingerprint.split(' ').length, 7)
  const mailed = `Hello,\r\n\r\n${text.replaceAll('\n', '  \r\n')}\r\n-- \r\nBerta`
  assert.deepEqual(await readRequest(p, mailed), read)
  const other = await makeRequest(p, 'Berta Bär', await newKey())
  const keyLine = /^key: .*$/m
  for (const bad of [
    ...['', 'x'.repeat(20_000), text.replace('Berta', 'Bertha'), text.split('\n').slice(0, 4).join('\n')],
    text.replace(keyLine, keyLine.exec(other)?.[0] ?? ''),
    text.replace(/^key: ../m, 'key: zz'),
    text.replace(/^recipient: age1pq1.*$/m, 'recipient: age1short'),
    text.replace(/^signature: .*$/m, 'signature: ???'),
  ])
    await assert.rejects(readRequest(p, bad), code('bad_request_file'))
  for (const name of ['', ' Berta', 'a\nb'])
    await assert.rejects(makeRequest(p, name, await newKey()), code('bad_name'))
})

test('an invitation is one line, and what is none is refused', async () => {
  const one = await owner()
  using _stage = one.stage
  const known = { fleet: one.kit.fleet, urls: ['wss://c:1'], chain: [one.signer.trust.envelope] }
  const line = writeInvitation(known)
  assert.deepEqual(readInvitation(`you are in:\n  ${line}\n`), known)
  const bad = (value: unknown) => `backstay-admin:${Buffer.from(JSON.stringify(value)).toString('base64url')}`
  for (const text of [
    ...['', line.slice(15), line.slice(0, -9), 'backstay-admin:', bad(null), bad({ ...known, chain: 'x' })],
    ...[
      bad({ ...known, chain: [], urls: ['http://x'] }),
      bad({ ...known, chain: [7] }),
      bad({ urls: [], chain: [] }),
    ],
  ])
    assert.throws(() => readInvitation(text), code('bad_invitation'))
})

test('keys of the collector are announced beside those of today, once, and then stand alone', async () => {
  const one = await owner()
  using _stage = one.stage
  const today = await testKey(p, 'collector')
  const keysOf = async (name: string) => {
    const next = { key: await testKey(p, name), spkiPin: new Uint8Array(32).fill(8) }
    return { text: await writeCollectorKeys(next, today), key: hex(next.key.publicKey) }
  }
  const named = ({ document }: VerifiedTrust) => document.collectors.map(({ key }) => hex(key))
  const [first, second] = [await keysOf('first'), await keysOf('second')]
  await assert.rejects(one.enact({ kind: 'switch' }), code('nothing_changes'))
  const announced = await one.enact({ kind: 'announce', keys: first.text })
  assert.deepEqual(named(announced), [hex(today.publicKey), first.key])
  await assert.rejects(one.enact({ kind: 'announce', keys: first.text }), code('nothing_changes'))
  assert.deepEqual(named(await one.enact({ kind: 'announce', keys: second.text })), [
    hex(today.publicKey),
    second.key,
  ])
  assert.deepEqual(named(await one.enact({ kind: 'switch' })), [second.key])
  // Whoever kept the keys of before vouches for nothing any more.
  await assert.rejects(one.enact({ kind: 'announce', keys: first.text }), code('bad_collector_keys'))
})

test('keys in the page of the collector are allowed with a warning, forbidden again, and nothing else changes', async () => {
  const one = await owner()
  using _stage = one.stage
  const before = one.signer.trust.document
  const { lines } = await prepareTrust(one.signer, { kind: 'hosted-keys', allowed: true }, one.stage.nowMs)
  assert.match(lines.join(' '), /can serve another page, which takes the key/)
  const { document } = await one.enact({ kind: 'hosted-keys', allowed: true })
  assert.deepEqual(document.flags, { ...before.flags, hostedKeys: true })
  assert.deepEqual([document.admins, document.deskRecipient], [before.admins, before.deskRecipient])
  await assert.rejects(one.enact({ kind: 'hosted-keys', allowed: true }), code('nothing_changes'))
  assert.equal((await one.enact({ kind: 'hosted-keys', allowed: false })).document.flags.hostedKeys, false)
})
