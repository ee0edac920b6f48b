/** The Trust that this collector believes: all versions from the founding on, read at start and added to when one comes. */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { kitSince } from '@backstay/proto/trust/kit-since'
import { adminsWith, type Role, type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import { trustChain } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'
import { firstVault, fleetOfVault } from '../catalog/vaults.ts'

export interface TrustKeeper {
  /** Undefined until a fleet was founded. */
  readonly newest: VerifiedTrust | undefined
  /** The version that named today's recovery kit first. */
  readonly kitSince: number
  /** Envelopes of the versions above this one, in order; as many as `bytesMax` allows. */
  above(version: number, bytesMax: number): readonly Bytes[]
  /** Verifies without believing yet. Throws what `verifyTrustHistory` throws. */
  verify(envelope: Bytes): Promise<VerifiedTrust>
  /** After it became durable. */
  believe(trust: VerifiedTrust): void
  /** Throws `not_founded`. */
  required(): VerifiedTrust
  /** Public key and roles of the admin or owner with this key id now; undefined when there is none. */
  adminWith(
    keyId: Bytes,
    nowMs: number,
  ): Promise<{ readonly key: Bytes; readonly roles: readonly Role[] } | undefined>
  rolesOf(key: Bytes, nowMs: number): readonly Role[]
}

const allRoles: readonly Role[] = ['owner', 'policy', 'restore', 'enroll', 'audit']

/** Throws what the verification throws when the catalog holds a chain that is none. */
export async function keepTrust(p: Primitives, sql: Sql): Promise<TrustKeeper> {
  const fleet: FleetId | undefined = await fleetOfVault(sql, firstVault)
  const history: VerifiedTrust[] =
    fleet === undefined ? [] : [...(await verifyTrustHistory(p, await trustChain(sql, fleet), fleet))]
  const keeper: TrustKeeper = {
    get newest() {
      return history.at(-1)
    },
    get kitSince() {
      return kitSince(history)
    },
    above(version, bytesMax) {
      const envelopes: Bytes[] = []
      let bytes = 0
      for (const { document, envelope } of history) {
        bytes += document.version > version ? envelope.length : 0
        if (bytes > bytesMax) break
        if (document.version > version) envelopes.push(envelope)
      }
      return envelopes
    },
    async verify(envelope) {
      const [, next] = await verifyTrustHistory(p, [envelope], keeper.required())
      if (next === undefined) throw new Failure('bad_trust', 'there is no Trust document in it')
      return next
    },
    believe(trust) {
      if (history.at(-1)?.document.version !== trust.document.version) history.push(trust)
    },
    required() {
      const trust = history.at(-1)
      if (trust !== undefined) return trust
      throw new Failure('not_founded', 'this collector serves no fleet yet', { hint: 'run: backstay init' })
    },
    async adminWith(keyId, nowMs) {
      const { owners, admins } = history.at(-1)?.document ?? { owners: [], admins: [] }
      for (const { key } of [...owners, ...admins]) {
        if (!equalBytes(await p.sha256(key), keyId)) continue
        const roles = keeper.rolesOf(key, nowMs)
        return roles.length > 0 ? { key, roles } : undefined
      }
      return undefined
    },
    rolesOf(key, nowMs) {
      const trust = history.at(-1)
      if (trust === undefined) return []
      return allRoles.filter(role => adminsWith(trust, role, nowMs).some(one => equalBytes(one, key)))
    },
  }
  return keeper
}
