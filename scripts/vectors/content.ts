// Vectors of keys, escrows and commit bodies: docs/format.md §4, §10, §11.
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { sealTo, sealWithPassphrase } from '@backstay/proto/content/age'
import { checkValue, type DeviceSecrets, encodeEscrowSecret } from '@backstay/proto/content/escrow'
import type { Primitives } from '@backstay/proto/primitives'
import { type EscrowRecord, signEscrow } from '@backstay/proto/trust/escrow-record'
import { testDevice, testFleet, testIdentity, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { runVector } from '@backstay/proto/trust/testing/vectors'
import { ageSample } from './age-samples.ts'
import { openBook } from './book.ts'

const deviceSecret = new Uint8Array(32).fill(0xd5)
const borderSecret = new Uint8Array(32).fill(0xb5)
const secrets = { deviceSecret: hex(deviceSecret), borderSecret: hex(borderSecret) }

export async function writeKeys(): Promise<void> {
  const book = openBook('keys.json', 'All keys of an epoch from device secret and border secret.')
  await book.add('epoch 1', 'keys.derive', { ...secrets, epoch: 1 })
  await book.add('a later epoch keeps the border key', 'keys.derive', {
    deviceSecret: 'e5'.repeat(32),
    borderSecret: secrets.borderSecret,
    epoch: 2,
  })
  await book.add('the key check value', 'escrow.check', secrets)
  book.write()
}

export async function writeEscrows(p: Primitives): Promise<void> {
  const book = openBook('escrow.json', 'Opening escrows; the age files are samples, since sealing is random.')
  const fleet = await testFleet(p)
  const device = await testDevice(p, fleet, 'laptop')
  const [kit, desk, stranger] = [testIdentity(0), testIdentity(1), testIdentity(2)]
  const secretOf = (changes: Partial<DeviceSecrets> = {}, id = device.id): Bytes =>
    encodeEscrowSecret(id, { deviceSecret, borderSecret, epoch: 1, ...changes })
  const sample = (name: string, to: string, secret: Bytes) => ageSample(name, () => sealTo([to], secret))
  const right: EscrowRecord = {
    fleet: fleet.trust.fleet,
    device: device.id,
    epoch: 1,
    check: await checkValue(p, { epoch: 1, deviceSecret, borderSecret }),
    kitFile: await sample('escrow for the kit', kit.recipient, secretOf()),
    deskFile: await sample('escrow for the desk', desk.recipient, secretOf()),
    trustVersion: 1,
    issuedAtMs: testNowMs,
  }
  const signed = async (changes: Partial<EscrowRecord> = {}, key = device.key) =>
    hex(await signEscrow(p, { ...right, ...changes }, key))
  const deviceKey = hex(device.key.publicKey)
  await book.add('signed by its device', 'escrow.verify', { envelope: await signed(), deviceKey })
  const byStranger = await signed({}, await testKey(p, 'stranger'))
  await book.add('signed by another', 'escrow.verify', { envelope: byStranger, deviceKey }, 'bad_signature')
  const forOther = await signed({ device: '00'.repeat(16) as EscrowRecord['device'] })
  await book.add('of another device', 'escrow.verify', { envelope: forOther, deviceKey }, 'bad_escrow')

  const open = async (
    name: string,
    changes: Partial<EscrowRecord>,
    way: string,
    identity: string,
    failure?: string,
  ) => book.add(name, 'escrow.open', { envelope: await signed(changes), way, identity }, failure)
  await open('by the kit', {}, 'kit', kit.identity)
  await open('by the desk', {}, 'desk', desk.identity)
  await open('the kit file with the desk identity', {}, 'kit', desk.identity, 'not_for_us')
  await open('with a stranger', {}, 'desk', stranger.identity, 'not_for_us')
  await open('with an identity cut short', {}, 'kit', kit.identity.slice(0, -1), 'bad_identity')
  await open('with a mistyped identity', {}, 'kit', `${kit.identity.slice(0, -1)}Q`, 'bad_identity')
  const cases: [string, Bytes][] = [
    ['random bytes in place of the device secret', secretOf({ deviceSecret: new Uint8Array(32).fill(1) })],
    ['the secrets of another device', secretOf({}, '00'.repeat(16) as EscrowRecord['device'])],
    ['the secrets of another epoch', secretOf({ epoch: 2 })],
    ['no secrets at all', utf8('not a protobuf message')],
    ['a secret of 31 bytes', secretOf({ deviceSecret: deviceSecret.subarray(1) })],
  ]
  for (const [name, secret] of cases) {
    await open(
      name,
      { kitFile: await sample(name, kit.recipient, secret) },
      'kit',
      kit.identity,
      'escrow_mismatch',
    )
  }
  await open(
    'a check value that was changed',
    { check: new Uint8Array(32) },
    'kit',
    kit.identity,
    'escrow_mismatch',
  )
  await open(
    'a file cut short',
    { kitFile: right.kitFile.subarray(0, -1) },
    'kit',
    kit.identity,
    'bad_age_file',
  )
  await open(
    'a file with one bit turned',
    { kitFile: turned(right.kitFile, -3) },
    'kit',
    kit.identity,
    'bad_age_file',
  )
  await open(
    'a header with one bit turned',
    { kitFile: turned(right.kitFile, 60) },
    'kit',
    kit.identity,
    'not_for_us',
  )
  await open('no age file', { kitFile: utf8('x') }, 'kit', kit.identity, 'bad_age_file')

  const passphrase = 'seven plain words that nobody would guess'
  // Work factor 2^10 keeps the test short; admin key files use 2^18.
  const file = await ageSample('passphrase', () => sealWithPassphrase(utf8('content'), passphrase, 10))
  await book.add('a passphrase', 'age.passphrase', { file: hex(file), passphrase })
  await book.add(
    'a wrong passphrase',
    'age.passphrase',
    { file: hex(file), passphrase: 'other' },
    'wrong_passphrase',
  )
  await book.add(
    'damaged armor',
    'age.passphrase',
    { file: hex(turned(file, 60)), passphrase },
    'bad_age_file',
  )
  book.write()
}

export async function writeCommitBodies(p: Primitives): Promise<void> {
  const book = openBook('commit-body.json', 'The sealed part of commits.')
  const fleet = (await testFleet(p)).trust.fleet
  const place = { fleet, device: '77'.repeat(16), sequence: 5 }
  const body = {
    rootKey: '88'.repeat(32),
    host: 'laptop',
    roots: ['/home', '/etc'],
    unread: [{ reason: 'denied', entries: 2 }],
    agentVersion: '0.1.0',
    label: '',
  }
  const seal = { ...secrets, ...place, body, nonce: '99'.repeat(12) }
  await book.add('sealing', 'commit-body.seal', seal)
  const made = await runVector(p, 'commit-body.seal', seal)
  const sealed = 'output' in made ? String(made.output) : ''
  const open = (name: string, changes: object, failure?: string) =>
    book.add(name, 'commit-body.open', { ...secrets, ...place, sealed, ...changes }, failure)
  await open('opening', {})
  await open('at another sequence', { sequence: 6 }, 'bad_commit_body')
  await open('of another device', { device: '00'.repeat(16) }, 'bad_commit_body')
  await open('of another fleet', { fleet: '00'.repeat(32) }, 'bad_commit_body')
  await open('with the keys of another epoch', { deviceSecret: '00'.repeat(32) }, 'bad_commit_body')
  await open('cut short', { sealed: sealed.slice(0, -2) }, 'bad_commit_body')
  await open('cut to nothing', { sealed: sealed.slice(0, 20) }, 'bad_commit_body')
  book.write()
}

function turned(bytes: Bytes, at: number): Bytes {
  const copy = Uint8Array.from(bytes)
  const index = at < 0 ? copy.length + at : at
  copy[index] = (copy[index] as number) ^ 1
  return copy
}
