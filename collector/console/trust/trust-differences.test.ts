// Whoever signs what another composed reads here what it does: nothing in the document may change without a sentence.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testFleet, testIdentity, testKey } from '@backstay/proto/trust/testing/fleet'
import type { TrustDocument } from '@backstay/proto/trust/trust'
import { trustDifferences } from './trust-differences.ts'

const { document: before } = (await testFleet(p)).trust
const [admin, collector, owner] = [before.admins[0], before.collectors[0], before.owners[0]]
assert.ok(admin && collector && owner)
const { publicKey: key } = await testKey(p, 'another')
const { recipient } = testIdentity(5)

test('every field that can change is told', () => {
  const changes: readonly Partial<TrustDocument>[] = [
    { owners: [owner, { key, label: 'x' }] },
    { owners: [{ ...owner, key }] },
    { owners: [{ ...owner, label: 'x' }] },
    { threshold: 2 },
    { admins: [] },
    { admins: [admin, { ...admin, key }] },
    ...[{ name: 'x' }, { recipient }, { roles: ['audit'] as const }, { notAfterMs: 1 }].map(change => ({
      admins: [{ ...admin, ...change }],
    })),
    { kitRecipient: recipient },
    { deskRecipient: recipient },
    { collectors: [{ ...collector, key }] },
    { collectors: [collector, { ...collector, key }] },
    { collectors: [{ ...collector, spkiPins: [key] }] },
    { collectors: [{ ...collector, binding: 'tls_end_point' }] },
    { fleetName: 'x' },
    ...[{ hostedKeys: true }, { retentionMinDays: 1 }, { twoPerson: true }, { groupDomains: true }].map(
      change => ({
        flags: { ...before.flags, ...change },
      }),
    ),
  ]
  for (const change of changes)
    assert.notEqual(trustDifferences(before, { ...before, ...change }).length, 0, JSON.stringify(change))
  const told = new Set(changes.flatMap(Object.keys))
  // What is left is the same in every version, or another in every one, and means nothing to anybody.
  const silent = ['version', 'previous', 'salt', 'issuedAtMs', 'expiresAtMs']
  assert.deepEqual(
    Object.keys(before).filter(name => !told.has(name)),
    silent,
  )
  assert.deepEqual(trustDifferences(before, { ...before, version: 2 }), [])
})
