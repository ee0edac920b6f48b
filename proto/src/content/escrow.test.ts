// Escrow is worth what opening it proves: every lie an agent or collector could tell in one is found by opening.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { type Bytes, fromUtf8, hex, utf8 } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import { nodePrimitives as p } from '../node.ts'
import { verifyEscrow } from '../trust/escrow-record.ts'
import { testDevice, testFleet, testIdentity, testNowMs } from '../trust/testing/fleet.ts'
import { signTrust, verifyTrustChain } from '../trust/trust.ts'
import {
  generateIdentity,
  openWith,
  openWithPassphrase,
  recipientOf,
  sealTo,
  sealWithPassphrase,
} from './age.ts'
import { openCommitBody, sealCommitBody } from './commit-body.ts'
import { makeEscrow, openEscrow } from './escrow.ts'
import { epochKeys } from './keys.ts'

const code = (expected: string) => (error: unknown) => isFailure(error, expected)

async function escrowed() {
  const fleet = await testFleet(p)
  const device = await testDevice(p, fleet, 'laptop')
  const secrets = { epoch: 3, deviceSecret: p.random(32), borderSecret: p.random(32) }
  const options = { trust: fleet.trust, device: device.id, secrets, signingKey: device.key, nowMs: testNowMs }
  const envelope = await makeEscrow(p, options)
  return { fleet, device, secrets, options, record: await verifyEscrow(p, envelope, device.key.publicKey) }
}

describe('an escrow', () => {
  it('opens by the kit and by the desk, each with its own file', async () => {
    const { fleet, secrets, record } = await escrowed()
    assert.deepEqual(await openEscrow(p, record, fleet.kitIdentity, 'kit'), secrets)
    assert.deepEqual(await openEscrow(p, record, fleet.deskIdentity, 'desk'), secrets)
    await assert.rejects(openEscrow(p, record, fleet.kitIdentity, 'desk'), code('not_for_us'))
  })

  it('of random bytes in place of keys is found when it is opened', async () => {
    const { fleet, record, options } = await escrowed()
    const garbage = { ...options, secrets: { ...options.secrets, deviceSecret: p.random(32) } }
    const other = await verifyEscrow(p, await makeEscrow(p, garbage), options.signingKey.publicKey)
    const lie = { ...record, kitFile: other.kitFile }
    await assert.rejects(openEscrow(p, lie, fleet.kitIdentity, 'kit'), code('escrow_mismatch'))
    const noise = { ...record, deskFile: await sealTo([testIdentity(1).recipient], p.random(120)) }
    await assert.rejects(openEscrow(p, noise, fleet.deskIdentity, 'desk'), code('escrow_mismatch'))
  })

  it('made after an admin was removed does not open for the desk that he knew', async () => {
    const { fleet, options } = await escrowed()
    const rotated = {
      ...fleet.trust.document,
      version: 2,
      previous: fleet.trust.payloadHash,
      deskRecipient: testIdentity(4).recipient,
    }
    const trust = await verifyTrustChain(p, [await signTrust(p, rotated, [fleet.owner])], fleet.trust)
    const envelope = await makeEscrow(p, { ...options, trust })
    const record = await verifyEscrow(p, envelope, options.signingKey.publicKey)
    await assert.rejects(openEscrow(p, record, fleet.deskIdentity, 'desk'), code('not_for_us'))
    assert.equal((await openEscrow(p, record, testIdentity(4).identity, 'desk')).epoch, 3)
    assert.equal(
      (await openEscrow(p, record, fleet.kitIdentity, 'kit')).epoch,
      3,
      'the printed kit stays valid',
    )
  })

  it('never shows its secrets in a failure', async () => {
    const { fleet, record, secrets } = await escrowed()
    const lie = { ...record, check: new Uint8Array(32) }
    await assert.rejects(openEscrow(p, lie, fleet.kitIdentity, 'kit'), error => {
      const shown = JSON.stringify([String(error), isFailure(error) ? error.hint : ''])
      return !shown.includes(hex(secrets.deviceSecret)) && !shown.includes(fleet.kitIdentity)
    })
  })
})

describe('age files', () => {
  it('are sealed for post-quantum recipients only', async () => {
    const classic = await identityToRecipient(await generateX25519Identity())
    const hybrid = testIdentity(0).recipient
    for (const recipients of [[classic], [hybrid, classic], [classic, hybrid], ['age1tag1x'], ['x'], []]) {
      await assert.rejects(sealTo(recipients, utf8('secret')), code('bad_recipient'))
    }
    await assert.rejects(sealTo([hybrid.slice(0, -1)], utf8('secret')), code('bad_recipient'))
    assert.equal(
      fromUtf8(await openWith([testIdentity(0).identity], await sealTo([hybrid], utf8('secret')))),
      'secret',
    )
  })

  it('sealed for several open for each of them and for nobody else', async () => {
    const [a, b, c] = [testIdentity(0), testIdentity(1), testIdentity(2)]
    const file = await sealTo([a.recipient, b.recipient], utf8('secret'))
    for (const one of [a, b]) assert.equal(fromUtf8(await openWith([one.identity], file)), 'secret')
    assert.equal(fromUtf8(await openWith([c.identity, b.identity], file)), 'secret')
    await assert.rejects(openWith([c.identity], file), code('not_for_us'))
  })

  it('are refused when damaged at any place', async () => {
    const { identity, recipient } = testIdentity(0)
    const file = await sealTo([recipient], utf8('secret'))
    for (let at = 0; at < file.length; at += 37) {
      const turned = Uint8Array.from(file)
      turned[at] = (turned[at] as number) ^ 0x10
      await assert.rejects(openWith([identity], turned), isFailure, `byte ${at}`)
      await assert.rejects(openWith([identity], file.subarray(0, at)), isFailure, `cut to ${at}`)
    }
  })

  it('take an identity of the post-quantum kind only, and find a typing mistake in it', async () => {
    const identity = await generateIdentity()
    assert.equal(identity.length, 77)
    assert.ok((await recipientOf(identity)).startsWith('age1pq1'))
    const typo = identity.slice(0, -2) + (identity.endsWith('QQ') ? 'PP' : 'QQ')
    const wrong = [typo, identity.toLowerCase(), identity.slice(0, -1), await generateX25519Identity(), '']
    for (const text of wrong) await assert.rejects(recipientOf(text), code('bad_identity'), text.slice(0, 20))
  })

  it('sealed with a passphrase open with it alone', async () => {
    const file = await sealWithPassphrase(utf8('secret'), 'correct', 10)
    assert.ok(fromUtf8(file).startsWith('-----BEGIN AGE ENCRYPTED FILE-----'))
    assert.equal(fromUtf8(await openWithPassphrase(file, 'correct')), 'secret')
    await assert.rejects(openWithPassphrase(file, 'wrong'), code('wrong_passphrase'))
    await assert.rejects(openWithPassphrase(file.subarray(0, -40), 'correct'), code('bad_age_file'))
    await assert.rejects(openWithPassphrase(utf8('secret'), 'correct'), code('bad_age_file'))
    await assert.rejects(sealWithPassphrase(utf8('secret'), '', 10), code('bad_passphrase'))
    const binary = new Encrypter()
    binary.setScryptWorkFactor(10)
    binary.setPassphrase('correct')
    assert.equal(fromUtf8(await openWithPassphrase(await binary.encrypt('secret'), 'correct')), 'secret')
  })

  it('that ask for a day of work are refused at once', async () => {
    const file = fromUtf8(await openable())
    const hostile = utf8(file.replace(/^(-> scrypt \S+) 10$/m, '$1 30'))
    const started = performance.now()
    await assert.rejects(openWithPassphrase(hostile, 'correct'), code('bad_age_file'))
    assert.ok(performance.now() - started < 1000)
  })

  /** A binary file with its payload cut off: all that the work factor needs. */
  async function openable(): Promise<Bytes> {
    const encrypter = new Encrypter()
    encrypter.setScryptWorkFactor(10)
    encrypter.setPassphrase('correct')
    const whole = await encrypter.encrypt('')
    const end = Buffer.from(whole).indexOf('\n--- ') + 5 + 43 + 1
    return whole.subarray(0, end)
  }
})

describe('a commit body', () => {
  it('hides how long names and paths are, and opens where it was sealed', async () => {
    const { fleet, device, secrets } = await escrowed()
    const keys = await epochKeys(p, secrets.deviceSecret, secrets.borderSecret, 3)
    const place = { fleet: fleet.trust.fleet, device: device.id, sequence: 1 }
    const body = (host: string) => ({
      rootKey: new Uint8Array(32).fill(1),
      rootType: 'page' as const,
      host,
      roots: [utf8('/home'), Uint8Array.of(0x2f, 0xff)],
      unread: [{ reason: 'denied', entries: 4 }],
      agentVersion: '0.1.0',
      label: 'before the update',
    })
    const sealed = await sealCommitBody(p, keys, place, body('a'))
    assert.deepEqual(await openCommitBody(p, keys, place, sealed), body('a'))
    assert.equal(sealed.length, (await sealCommitBody(p, keys, place, body('a'.repeat(60)))).length)
    const nonces = [sealed, await sealCommitBody(p, keys, place, body('a'))].map(one =>
      hex(one.subarray(0, 12)),
    )
    assert.notEqual(nonces[0], nonces[1])
  })

  it('with a strange host name is shown, not refused: nobody loses data to a name', async () => {
    const { fleet, device, secrets } = await escrowed()
    const keys = await epochKeys(p, secrets.deviceSecret, secrets.borderSecret, 3)
    const place = { fleet: fleet.trust.fleet, device: device.id, sequence: 1 }
    const body = {
      rootKey: new Uint8Array(32),
      rootType: 'page',
      roots: [],
      unread: [],
      agentVersion: '',
    } as const
    const sealed = await sealCommitBody(p, keys, place, { ...body, host: 'a\u001b[2J', label: '\u202e' })
    const opened = await openCommitBody(p, keys, place, sealed)
    assert.equal(opened.host, 'a\ufffd[2J')
    assert.equal(opened.label, '\ufffd')
  })
})
