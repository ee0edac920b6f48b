// Vectors of the Trust chain: docs/format.md §9.2.
import { type Bytes, concat, hex } from '@backstay/proto/bytes'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { signEnvelope } from '@backstay/proto/trust/envelope'
import { testIdentity, testKey, testTrustDocument } from '@backstay/proto/trust/testing/fleet'
import {
  fleetOf,
  signTrust,
  type TrustDocument,
  type VerifiedTrust,
  verifyTrustChain,
} from '@backstay/proto/trust/trust'
import { encodeTrust } from '@backstay/proto/trust/trust-document'
import { openBook } from './book.ts'

const classic = 'age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa'
const small = new Uint8Array(32)

export async function writeChains(p: Primitives): Promise<void> {
  const book = openBook(
    'trust-chain.json',
    'Chains of Trust documents, from a fleet id and from one already believed.',
  )
  const owners = await Promise.all(['a', 'b', 'c', 'd'].map(name => testKey(p, `owner ${name}`)))
  const [a, b, c, d] = owners as [SigningKey, SigningKey, SigningKey, SigningKey]
  const named = (keys: readonly SigningKey[]) =>
    keys.map((key, n) => ({ key: key.publicKey, label: `owner ${n}` }))
  // No admins, to keep the file small: a recipient has two thousand characters.
  const first = await testTrustDocument(p, { owners: named([a, b, c]), threshold: 2, admins: [] })
  const v1 = await signTrust(p, first, [a, b])
  const fleet = await fleetOf(p, v1)
  const trust1 = await verifyTrustChain(p, [v1], fleet)
  const after = (trust: VerifiedTrust, changes: Partial<TrustDocument> = {}): TrustDocument => ({
    ...trust.document,
    version: trust.document.version + 1,
    previous: trust.payloadHash,
    ...changes,
  })
  const second = after(trust1, { owners: named([b, c, d]) })
  const v2 = await signTrust(p, second, [b, d])
  const v2both = await signTrust(p, second, [b, c, d])
  const trust2 = await verifyTrustChain(p, [v1, v2both], fleet)
  const v3 = await signTrust(p, after(trust2), [c, d])
  const at = { v1: book.share('v1', v1), v2: book.share('v2', v2both), v3: book.share('v3', v3) }

  const verify = (
    name: string,
    envelopes: readonly (Bytes | string)[],
    failure?: string,
    of: FleetId = fleet,
  ) => book.add(name, 'trust.verify', { fleet: of, envelopes: envelopes.map(textOf) }, failure)
  await verify('version 1', [at.v1])
  await verify('owners change, enough of the old and of the new sign', [at.v1, at.v2])
  await verify('three versions', [at.v1, at.v2, at.v3])
  await verify('nothing to begin with', [], 'trust_gap')
  await verify('another fleet', [at.v1], 'wrong_fleet', hex(small) as FleetId)
  await verify('version 1 is missing', [at.v2, at.v3], 'wrong_fleet')
  await verify('version 2 is missing', [at.v1, at.v3], 'trust_gap')
  await verify('version 1 again', [at.v1, at.v2, at.v1], 'trust_rollback')
  await verify('version 2 again', [at.v1, at.v2, at.v2], 'trust_rollback')
  await verify('one new owner too few', [at.v1, v2], 'trust_threshold')
  await verify(
    'only new owners',
    [at.v1, await signTrust(p, after(trust1, { owners: named([d]), threshold: 1 }), [d])],
    'trust_threshold',
  )
  await verify(
    'only old owners',
    [at.v1, await signTrust(p, after(trust1, { owners: named([d]), threshold: 1 }), [a, b])],
    'trust_threshold',
  )
  const otherFirst = await signTrust(p, { ...first, fleetName: 'other' }, [a, b])
  const other = await verifyTrustChain(p, [otherFirst], await fleetOf(p, otherFirst))
  await verify(
    'a version 2 that follows another version 1',
    [at.v1, await signTrust(p, after(other), [a, b])],
    'trust_fork',
  )
  await verify('cut short', [v1.subarray(0, -1)], 'bad_envelope')
  await verify(
    'signed as a policy',
    [await signEnvelope(p, 'policy', encodeTrust(first), [a, b])],
    'wrong_kind',
  )

  const founds = async (
    name: string,
    changes: Partial<TrustDocument>,
    signers: readonly SigningKey[],
    failure?: string,
  ) => {
    const envelope = await signTrust(p, { ...first, ...changes }, signers)
    await verify(name, [envelope], failure, await fleetOf(p, envelope))
  }
  await founds('one owner signs twice where two must', {}, [a, a], 'trust_threshold')
  await founds('signed by a stranger', {}, [d], 'trust_threshold')
  await founds(
    'an owner key of small order',
    { owners: [{ key: small, label: '' }], threshold: 1 },
    [a],
    'bad_trust',
  )
  await founds('one owner key twice', { owners: named([a, a]) }, [a], 'bad_trust')
  await founds('no owner', { owners: [], threshold: 0 }, [a], 'bad_trust')
  await founds('threshold 0', { threshold: 0 }, [a, b], 'bad_trust')
  await founds('a threshold above the number of owners', { threshold: 4 }, [a, b, c], 'bad_trust')
  await founds('no collector', { collectors: [] }, [a, b], 'bad_trust')
  await founds('version 2 as the first', { version: 2, previous: small }, [a, b], 'bad_trust')
  await founds('version 1 with one before it', { previous: small }, [a, b], 'bad_trust')
  await founds('a salt of 15 bytes', { salt: small.subarray(0, 15) }, [a, b], 'bad_trust')
  await founds('a classic kit recipient', { kitRecipient: classic }, [a, b], 'trust_classic_recipient')
  await founds('a classic desk recipient', { deskRecipient: classic }, [a, b], 'trust_classic_recipient')
  await founds(
    'a kit recipient with a typing mistake',
    { kitRecipient: mistyped(first.kitRecipient) },
    [a, b],
    'bad_trust',
  )
  await founds('a fleet name that moves the cursor', { fleetName: 'a\u001b[2Jb' }, [a, b], 'bad_trust')
  const admin = { key: d.publicKey, name: 'admin', recipient: testIdentity(2).recipient, notAfterMs: 0 }
  await founds('an admin', { admins: [{ ...admin, roles: ['policy', 'audit'] }] }, [a, b])
  await founds(
    'a classic admin recipient',
    { admins: [{ ...admin, recipient: classic, roles: ['audit'] }] },
    [a, b],
    'trust_classic_recipient',
  )
  await founds(
    'an admin who calls himself owner',
    { admins: [{ ...admin, roles: ['owner'] }] },
    [a, b],
    'bad_trust',
  )
  await founds('an admin without roles', { admins: [{ ...admin, roles: [] }] }, [a, b], 'bad_trust')
  const unknown = await signEnvelope(p, 'trust', concat(encodeTrust(first), Uint8Array.of(0xf8, 0x01, 1)), [
    a,
    b,
  ])
  await verify('an unknown field', [unknown], 'bad_trust', await fleetOf(p, unknown))

  const update = (
    name: string,
    believed: readonly string[],
    envelopes: readonly string[],
    failure?: string,
  ) => book.add(name, 'trust.update', { fleet, believed, envelopes }, failure)
  await update('nothing new', [at.v1, at.v2], [])
  await update('the next version', [at.v1, at.v2], [at.v3])
  await update('two next versions', [at.v1], [at.v2, at.v3])
  await update('an older version is offered', [at.v1, at.v2], [at.v1], 'trust_rollback')
  await update('the same version is offered', [at.v1, at.v2], [at.v2], 'trust_rollback')
  await update('a version is skipped', [at.v1], [at.v3], 'trust_gap')
  book.write()
}

function textOf(envelope: Bytes | string): string {
  return typeof envelope === 'string' ? envelope : hex(envelope)
}

function mistyped(recipient: string): string {
  const last = recipient.endsWith('q') ? 'p' : 'q'
  return recipient.slice(0, -1) + last
}
