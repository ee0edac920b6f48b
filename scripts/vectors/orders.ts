// Vectors of orders, certificates and commits: docs/format.md §9, §10.
import { type Bytes, concat, hex, utf8 } from '@backstay/proto/bytes'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { encodePolicy, type Policy, signPolicy } from '@backstay/proto/policy/policy'
import type { BackupSet, Setting } from '@backstay/proto/policy/settings'
import type { Primitives } from '@backstay/proto/primitives'
import { type Assignment, signAssignment } from '@backstay/proto/trust/assignment'
import {
  type Certificate,
  machineMarkBytes,
  machineMarksMax,
  signCertificate,
} from '@backstay/proto/trust/certificate'
import { type Commit, encodeCommit, signCommit } from '@backstay/proto/trust/commit'
import { signEnvelope } from '@backstay/proto/trust/envelope'
import { encodeGrant, type Grant, signGrant } from '@backstay/proto/trust/grant'
import { encodeGroup, type Group, signGroup } from '@backstay/proto/trust/group'
import { encodeJob, type Job, signJob } from '@backstay/proto/trust/job'
import { signKeyring } from '@backstay/proto/trust/keyring'
import { newOrder, type Order } from '@backstay/proto/trust/order'
import { signProof } from '@backstay/proto/trust/proof'
import { signRevoke } from '@backstay/proto/trust/revoke'
import {
  type TestFleet,
  testDevice,
  testFleet,
  testIdentity,
  testKey,
  testNowMs,
} from '@backstay/proto/trust/testing/fleet'
import { signTrust } from '@backstay/proto/trust/trust'
import { type Book, openBook } from './book.ts'

const dayMs = 86_400_000
const unknownField = Uint8Array.of(0xf8, 0x01, 1)

interface Stage {
  readonly p: Primitives
  readonly book: Book
  readonly fleet: TestFleet
  /** Input that every case shares. */
  readonly base: { readonly fleet: string; readonly trust: readonly string[]; readonly nowMs: number }
  order(changes?: Partial<Order>): Order
}

async function stage(p: Primitives, file: string, about: string): Promise<Stage> {
  const book = openBook(file, about)
  const fleet = await testFleet(p)
  const base = {
    fleet: fleet.trust.fleet,
    trust: [book.share('trust', fleet.trust.envelope)],
    nowMs: testNowMs + 1000,
  }
  const order = (changes: Partial<Order> = {}): Order => ({
    ...newOrder(p, fleet.trust, testNowMs, { expiresAtMs: testNowMs + dayMs }),
    ...changes,
  })
  return { p, book, fleet, base, order }
}

export async function writeGrants(p: Primitives): Promise<void> {
  const { book, fleet, base, order } = await stage(p, 'trust-grant.json', 'Enrolment grants.')
  const stranger = await testKey(p, 'stranger')
  const grant = (changes: Partial<Grant> = {}): Grant => ({
    order: order(),
    grantKey: stranger.publicKey,
    label: 'rollout',
    maxUses: 500,
    manualApproval: false,
    ...changes,
  })
  const verify = (name: string, envelope: Bytes, more: object = {}, failure?: string) =>
    book.add(name, 'grant.verify', { ...base, envelope: hex(envelope), ...more }, failure)
  const signed = await signGrant(p, grant(), fleet.admin)
  await verify('signed by an admin who may enrol', signed)
  await verify('signed by an owner', await signGrant(p, grant({ manualApproval: true }), fleet.owner))
  await verify('signed by a stranger', await signGrant(p, grant(), stranger), {}, 'not_authorized')
  await verify(
    'signed as a policy',
    await signEnvelope(p, 'policy', encodeGrant(grant()), [fleet.admin]),
    {},
    'wrong_kind',
  )
  await verify('expired', signed, { nowMs: testNowMs + dayMs }, 'expired')
  const foreign = grant({ order: order({ fleet: '00'.repeat(32) as Order['fleet'] }) })
  await verify('of another fleet', await signGrant(p, foreign, fleet.admin), {}, 'wrong_fleet')
  const future = grant({ order: order({ trustVersion: 2 }) })
  await verify(
    'signed under a Trust not known here',
    await signGrant(p, future, fleet.admin),
    {},
    'trust_behind',
  )
  const bad: [string, Partial<Grant>][] = [
    ['without an end', { order: order({ expiresAtMs: 0 }) }],
    ['for more than a year', { order: order({ expiresAtMs: testNowMs + 367 * dayMs }) }],
    ['for no use', { maxUses: 0 }],
    ['for too many uses', { maxUses: 10_001 }],
    ['with a key of small order', { grantKey: new Uint8Array(32) }],
    ['with an id of 15 bytes', { order: order({ id: new Uint8Array(15) }) }],
  ]
  for (const [name, changes] of bad)
    await verify(name, await signGrant(p, grant(changes), fleet.admin), {}, 'bad_grant')
  const unknown = await signEnvelope(p, 'grant', concat(encodeGrant(grant()), unknownField), [fleet.admin])
  await verify('with an unknown field, which might be a limit', unknown, {}, 'bad_grant')
  // The admin leaves: his grants admit nobody any more, the devices that they admitted stay.
  const left = { ...fleet.trust.document, version: 2, previous: fleet.trust.payloadHash, admins: [] }
  const trust = [
    ...base.trust,
    book.share('trust without the admin', await signTrust(p, left, [fleet.owner])),
  ]
  await verify('by an admin who left', signed, { trust }, 'not_authorized')
  await book.add('of the past, by an admin who left', 'grant.verify-past', {
    ...base,
    trust,
    envelope: hex(signed),
  })
  book.write()
}

export async function writePolicies(p: Primitives): Promise<void> {
  const { book, fleet, base, order } = await stage(p, 'trust-policy.json', 'Policies.')
  const home: Setting = {
    kind: 'backupSet',
    value: {
      name: 'home',
      roots: [utf8('/home'), Uint8Array.of(0x2f, 0xff)],
      excludes: ['*.tmp'],
      shareSegments: true,
      presets: [],
    },
  }
  const settings = (...all: readonly Setting[]) => all.map(one => ({ ...one, locked: false }))
  const usual: readonly Setting[] = [
    home,
    {
      kind: 'retention',
      value: { keepWithinDays: 30, keepDaily: 30, keepWeekly: 12, keepMonthly: 24, keepYearly: 7 },
    },
  ]
  const policy = (changes: Partial<Policy> = {}): Policy => ({
    kind: 'policy',
    order: order(),
    name: 'laptops',
    settings: settings(...usual),
    isNewer: false,
    ...changes,
  })
  const verify = async (name: string, changes: Partial<Policy>, more: object = {}, failure?: string) => {
    const envelope = await signEnvelope(p, 'policy', encodePolicy(policy(changes)), [fleet.admin])
    await book.add(name, 'policy.verify', { ...base, envelope: hex(envelope), ...more }, failure)
  }
  const [us, them] = ['11'.repeat(16), '22'.repeat(16)]
  const forUs = { order: order({ audience: [new Uint8Array(16).fill(0x11)] }) }
  await verify('for the whole fleet', {}, { audience: [us] })
  await verify('for us', forUs, { audience: [us] })
  await verify('for others', forUs, { audience: [them] }, 'wrong_audience')
  await verify('expired', {}, { nowMs: testNowMs + dayMs }, 'expired')
  await verify('expired, but obeyed before', {}, { nowMs: testNowMs + dayMs, held: true })
  await verify('that a stolen key numbered as high as numbers go', {
    order: order({ sequence: Number.MAX_SAFE_INTEGER }),
  })
  await verify(
    'for two groups',
    {
      order: order({ audience: [new Uint8Array(16), new Uint8Array(16).fill(1)] }),
    },
    {},
    'bad_policy',
  )
  const set = (changes: Partial<BackupSet>) => ({
    settings: settings({ kind: 'backupSet', value: { ...home.value, ...changes } }),
  })
  await verify('with a Windows root', set({ roots: [utf8('C:\\Users')] }))
  await verify(
    'with homes, a variable and a preset',
    set({
      roots: [utf8('~/thesis'), utf8('%APPDATA%\\Mozilla'), utf8(braced('DATA'))],
      presets: ['user-folders'],
    }),
  )
  const roots = [
    'home',
    '',
    '/home/../etc',
    '/home/./x',
    '/ho\0me',
    'C:Users',
    'C:\\Users\\..\\x',
    '~ada',
    '%EVIL%',
  ]
  for (const root of roots) {
    await verify(`with root ${JSON.stringify(root)}`, set({ roots: [utf8(root)] }), {}, 'bad_policy')
  }
  const manySets = Array.from(
    { length: 65 },
    (_, n): Setting => ({
      kind: 'backupSet',
      value: { ...home.value, name: `set ${n}`, roots: [] },
    }),
  )
  await verify('with 65 backup sets', { settings: settings(...manySets) }, {}, 'bad_policy')
  await verify('with an empty exclude', set({ excludes: [''] }), {}, 'bad_policy')
  await verify('with an unknown preset', set({ presets: ['everything'] }), {}, 'bad_policy')
  await verify('that sets something twice', { settings: settings(home, home) }, {}, 'bad_policy')
  const window = { days: [1, 2, 3, 4, 5], fromMinute: 20 * 60, toMinute: 6 * 60 }
  await verify('with every setting, one locked', {
    settings: [
      ...settings(
        ...usual,
        { kind: 'excludes', value: ['*.iso'] },
        { kind: 'schedule', value: { kind: 'windows', windows: [window], catchUp: true } },
        { kind: 'rates', value: [{ bytesPerSecond: 500 * 1024, window }] },
        { kind: 'battery', value: 20 },
        { kind: 'metered', value: false },
        { kind: 'hooks', value: { before: 'mysql-dump', after: '' } },
        { kind: 'pause', value: 60 },
        { kind: 'restore', value: true },
        { kind: 'objective', value: { atRiskHours: 24, unprotectedHours: 72 } },
      ),
      { kind: 'reconcile', value: 24, locked: true },
    ],
  })
  await verify(
    'with a window that has no length',
    {
      settings: settings({
        kind: 'schedule',
        value: { kind: 'windows', windows: [{ ...window, toMinute: 1200 }], catchUp: true },
      }),
    },
    {},
    'bad_policy',
  )
  await verify(
    'with a hook that is a path',
    {
      settings: settings({ kind: 'hooks', value: { before: '../x', after: '' } }),
    },
    {},
    'bad_policy',
  )
  const unknown = await signEnvelope(p, 'policy', concat(encodePolicy(policy()), unknownField), [fleet.admin])
  await book.add('with an unknown field', 'policy.verify', { ...base, envelope: hex(unknown) })
  const stranger = await signPolicy(p, policy(), await testKey(p, 'stranger'))
  await book.add(
    'signed by a stranger',
    'policy.verify',
    { ...base, envelope: hex(stranger) },
    'not_authorized',
  )
  book.write()
}

export async function writeGroups(p: Primitives): Promise<void> {
  const { book, fleet, base, order } = await stage(p, 'trust-group.json', 'Groups and assignments.')
  const [id, other] = [new Uint8Array(16).fill(0x11), new Uint8Array(16).fill(0x22)]
  const group = (changes: Partial<Group> = {}): Group => ({
    ...{ kind: 'group', order: order(), id, name: 'Engineers', parent: undefined, retired: false },
    ...changes,
  })
  const assignment = (changes: Partial<Assignment> = {}): Assignment => ({
    ...{ kind: 'assignment', order: order(), devices: ['33'.repeat(16) as DeviceId], group: id },
    ...changes,
  })
  const verify = (name: string, deed: string, envelope: Bytes, failure?: string) =>
    book.add(name, deed, { ...base, envelope: hex(envelope) }, failure)
  const stranger = await testKey(p, 'stranger')
  const groups: [string, Partial<Group>, string?][] = [
    ['a group', {}],
    ['a group in another, retired', { parent: other, retired: true }],
    ['a group in itself', { parent: id }, 'bad_group'],
    ['a group without a name', { name: '' }, 'bad_group'],
    ['a group for some', { order: order({ audience: [id] }) }, 'bad_group'],
  ]
  for (const [name, changes, failure] of groups) {
    await verify(name, 'group.verify', await signGroup(p, group(changes), fleet.admin), failure)
  }
  await verify(
    'a group by a stranger',
    'group.verify',
    await signGroup(p, group(), stranger),
    'not_authorized',
  )
  const unknown = await signEnvelope(p, 'group', concat(encodeGroup(group()), unknownField), [fleet.admin])
  await verify('a group with an unknown field', 'group.verify', unknown, 'bad_group')
  const assignments: [string, Partial<Assignment>, string?][] = [
    ['an assignment', {}],
    ['an assignment to no group', { group: undefined }],
    ['an assignment of nobody', { devices: [] }, 'bad_assignment'],
  ]
  for (const [name, changes, failure] of assignments) {
    const signed = await signAssignment(p, assignment(changes), fleet.admin)
    await verify(name, 'assignment.verify', signed, failure)
  }
  const strange = await signAssignment(p, assignment(), stranger)
  await verify('an assignment by a stranger', 'assignment.verify', strange, 'not_authorized')
  book.write()
}

export async function writeJobs(p: Primitives): Promise<void> {
  const { book, fleet, base, order } = await stage(p, 'trust-job.json', 'Jobs.')
  const us = '11'.repeat(16)
  const audience = [new Uint8Array(16).fill(0x11)]
  const job = (changes: Partial<Job> = {}): Job => ({
    order: order({ audience }),
    kind: 'restore',
    sealed: utf8('x'),
    ...changes,
  })
  const verify = (name: string, envelope: Bytes, more: object = {}, failure?: string) =>
    book.add(name, 'job.verify', { ...base, audience: [us], envelope: hex(envelope), ...more }, failure)
  const one = job()
  const signed = await signJob(p, one, fleet.admin)
  await verify('for us', signed)
  await verify('sent again', signed, { done: [hex(one.order.id)] }, 'job_replayed')
  await verify('too late', signed, { nowMs: testNowMs + dayMs }, 'expired')
  await verify('for another device', signed, { audience: ['22'.repeat(16)] }, 'wrong_audience')
  const next = { ...fleet.trust.document, version: 2, previous: fleet.trust.payloadHash }
  const trust = [...base.trust, book.share('trust 2', await signTrust(p, next, [fleet.owner]))]
  await verify('signed under an older Trust', signed, { trust }, 'old_trust')
  await verify(
    'signed by a stranger',
    await signJob(p, one, await testKey(p, 'stranger')),
    {},
    'not_authorized',
  )
  await verify(
    'a policy signature',
    await signEnvelope(p, 'policy', encodeJob(one), [fleet.admin]),
    {},
    'wrong_kind',
  )
  const long = job({ order: order({ audience, expiresAtMs: testNowMs + 8 * dayMs }) })
  await verify('for longer than a week', await signJob(p, long, fleet.admin), {}, 'bad_job')
  const source = '33'.repeat(16) as Certificate['device']
  await verify("to restore another device's snapshot", await signJob(p, job({ source }), fleet.admin))
  const lentBackup = job({ kind: 'backup', source })
  await verify(
    "to back up another device's snapshot",
    await signJob(p, lentBackup, fleet.admin),
    {},
    'bad_job',
  )
  const unknownKind = { ...job(), kind: 'shell' } as unknown as Job
  await verify('of an unknown kind', await signJob(p, unknownKind, fleet.admin), {}, 'bad_job')
  const unknown = await signEnvelope(p, 'job', concat(encodeJob(one), unknownField), [fleet.admin])
  await verify('with an unknown field', unknown, {}, 'bad_job')
  const policyAdmin = { ...fleet.trust.document.admins[0], roles: ['policy'] } as (typeof next.admins)[number]
  const fewer = await signTrust(p, { ...next, admins: [policyAdmin] }, [fleet.owner])
  const underTwo = await signJob(p, job({ order: order({ audience, trustVersion: 2 }) }), fleet.admin)
  const trustFewer = [...base.trust, book.share('trust 2, admin without restore', fewer)]
  await verify('to restore, by an admin who may not', underTwo, { trust: trustFewer }, 'not_authorized')
  const backup = await signJob(
    p,
    job({ kind: 'backup', order: order({ audience, trustVersion: 2 }) }),
    fleet.admin,
  )
  await verify('to back up, by the same', backup, { trust: trustFewer })
  const hour = { expiresAtMs: testNowMs + dayMs / 24 }
  const pause = (changes: Partial<Job> = {}) =>
    job({
      order: order({ audience, ...hour }),
      kind: 'pause',
      minutes: 60,
      sealed: new Uint8Array(),
      ...changes,
    })
  const pauses: [string, Partial<Job>, string?][] = [
    ['to pause for an hour', {}],
    ['to end a pause', { kind: 'resume', minutes: 0 }],
    ['to pause for no time', { minutes: 0 }, 'bad_job'],
    ['to pause for longer than a day', { minutes: 1441 }, 'bad_job'],
    ['to end a pause, for some minutes', { kind: 'resume' }, 'bad_job'],
    ['to pause within a day', { order: order({ audience }) }, 'bad_job'],
    ['to pause the whole fleet', { order: order(hour) }, 'wrong_audience'],
    [
      'to pause two devices',
      { order: order({ audience: [...audience, new Uint8Array(16).fill(0x22)], ...hour }) },
      'wrong_audience',
    ],
  ]
  for (const [name, changes, failure] of pauses)
    await verify(name, await signJob(p, pause(changes), fleet.admin), {}, failure)
  book.write()
}

export async function writeOtherOrders(p: Primitives): Promise<void> {
  const { book, fleet, base, order } = await stage(
    p,
    'trust-orders.json',
    'Keyrings, revocations and proofs.',
  )
  const device = '33'.repeat(16) as Certificate['device']
  const verify = (name: string, deed: string, envelope: Bytes, failure?: string) =>
    book.add(name, deed, { ...base, envelope: hex(envelope) }, failure)
  const stranger = await testKey(p, 'stranger')
  const keyring = { order: order(), deskRecipient: testIdentity(1).recipient, file: utf8('an age file') }
  await verify('a keyring', 'keyring.verify', await signKeyring(p, keyring, fleet.admin))
  await verify(
    'a keyring by a stranger',
    'keyring.verify',
    await signKeyring(p, keyring, stranger),
    'not_authorized',
  )
  const revoke = { order: order({ expiresAtMs: 0 }), device, grantId: undefined, reason: 'lost' }
  await verify('a revocation', 'revoke.verify', await signRevoke(p, revoke, fleet.owner))
  const nothing = { ...revoke, device: undefined }
  await verify(
    'a revocation of nothing',
    'revoke.verify',
    await signRevoke(p, nothing, fleet.owner),
    'bad_revoke',
  )
  await verify(
    'a revocation by a stranger',
    'revoke.verify',
    await signRevoke(p, revoke, stranger),
    'not_authorized',
  )
  const proof = {
    order: order(),
    device,
    epoch: 1,
    escrowId: '44'.repeat(32) as ObjectId,
    way: 'kit',
    opened: true,
  } as const
  await verify('a proof', 'proof.verify', await signProof(p, proof, fleet.admin))
  const strange = { ...proof, way: 'other' as 'kit' }
  await verify(
    'a proof of no known way',
    'proof.verify',
    await signProof(p, strange, fleet.admin),
    'bad_proof',
  )
  book.write()
}

export async function writeCertificates(p: Primitives): Promise<void> {
  const { book, fleet, base } = await stage(p, 'trust-certificate.json', 'Certificates of devices.')
  const device = await testDevice(p, fleet, 'laptop')
  const grant = book.share('grant', device.grantEnvelope)
  const recipient = testIdentity(3).recipient
  const stranger = await testKey(p, 'stranger')
  const verify = async (
    name: string,
    changes: Partial<Certificate>,
    by = [device.grantKey, device.key],
    failure?: string,
  ) => {
    const [grantKey, deviceKey] = by
    if (grantKey === undefined || deviceKey === undefined) throw new Error('two keys sign')
    const envelope = await signCertificate(
      p,
      { ...device.certificate, recipient, ...changes },
      grantKey,
      deviceKey,
    )
    await book.add(name, 'certificate.verify', { ...base, grant, envelope: hex(envelope) }, failure)
  }
  await verify('signed by its grant and by itself', {})
  const mark = (byte: number) => new Uint8Array(machineMarkBytes).fill(byte)
  await verify('with marks of its machine', { machine: [mark(1), mark(2)] })
  await verify(
    'with a mark that is cut short',
    { machine: [mark(1).subarray(1)] },
    undefined,
    'bad_certificate',
  )
  const many = Array.from({ length: machineMarksMax + 1 }, (_, index) => mark(index))
  await verify('with too many marks', { machine: many }, undefined, 'bad_certificate')
  await verify('not signed by its grant', {}, [stranger, device.key], 'bad_signature')
  await verify('not signed by itself', {}, [device.grantKey, stranger], 'bad_signature')
  await verify(
    'with the key of its grant',
    { deviceKey: device.grantKey.publicKey },
    undefined,
    'bad_certificate',
  )
  await verify(
    'with a made-up id',
    { device: '00'.repeat(16) as Certificate['device'] },
    undefined,
    'bad_certificate',
  )
  await verify(
    'for another fleet',
    { fleet: '00'.repeat(32) as Certificate['fleet'] },
    undefined,
    'wrong_fleet',
  )
  await verify('naming another grant', { grantId: new Uint8Array(16) }, undefined, 'wrong_grant')
  await verify('with a name that moves the cursor', { name: '\u001b[2J' }, undefined, 'bad_certificate')
  await verify('with a classic recipient', { recipient: 'age1x' }, undefined, 'trust_classic_recipient')
  book.write()
}

export async function writeCommits(p: Primitives): Promise<void> {
  const { book, fleet } = await stage(p, 'trust-commit.json', 'Commits.')
  const device = await testDevice(p, fleet, 'laptop')
  const commit = (changes: Partial<Commit> = {}): Commit => ({
    fleet: fleet.trust.fleet,
    device: device.id,
    epoch: 1,
    sequence: 2,
    previous: '55'.repeat(32) as ObjectId,
    root: '66'.repeat(32) as ObjectId,
    startedAtMs: testNowMs,
    endedAtMs: testNowMs + 5000,
    complete: true,
    entries: 1000,
    bytes: 2 ** 40,
    unread: 3,
    sealed: utf8('sealed'),
    seenTrust: 1,
    seenPolicy: 4,
    branch: undefined,
    ...changes,
  })
  const deviceKey = hex(device.key.publicKey)
  const verify = (name: string, envelope: Bytes, failure?: string) =>
    book.add(name, 'commit.verify', { envelope: hex(envelope), deviceKey }, failure)
  const signed = async (changes: Partial<Commit>) => signCommit(p, commit(changes), device.key)
  await verify('a commit', await signed({}))
  await verify('the first commit', await signed({ sequence: 1, previous: undefined }))
  await verify('on a branch', await signed({ branch: new Uint8Array(16).fill(5), complete: false }))
  const unknown = concat(encodeCommit(commit()), unknownField)
  await verify('with an unknown field', await signEnvelope(p, 'commit', unknown, [device.key]))
  await verify(
    'signed by another device',
    await signCommit(p, commit(), await testKey(p, 'stranger')),
    'bad_signature',
  )
  await verify(
    'for another device',
    await signed({ device: '00'.repeat(16) as Commit['device'] }),
    'bad_commit',
  )
  await verify('numbered 0', await signed({ sequence: 0, previous: undefined }), 'bad_commit')
  await verify('the second without the first', await signed({ previous: undefined }), 'bad_commit')
  await verify('the first with one before it', await signed({ sequence: 1 }), 'bad_commit')
  await verify('without a sealed part', await signed({ sealed: new Uint8Array() }), 'bad_commit')
  await verify('of epoch 65,536', await signed({ epoch: 65_536 }), 'bad_commit')
  book.write()
}

/** As a shell would write it; a plain string would look like a template that somebody forgot. */
function braced(name: string, rest = ''): string {
  return `${'$'}{${name}}${rest}`
}
