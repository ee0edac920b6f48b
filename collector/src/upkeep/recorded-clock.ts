/** What the retention clock showed last by the collector's own signed records; for a catalog that holds no clock. */
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeForget } from '@backstay/proto/trust/forget'
import { decodeReceipt } from '@backstay/proto/trust/receipt'
import { recordsOf } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'
import { fleetOfVault } from '../catalog/vaults.ts'

export async function recordedClock(sql: Sql, vault: number): Promise<number | undefined> {
  const fleet = await fleetOfVault(sql, vault)
  if (fleet === undefined) return undefined
  let newestMs: number | undefined
  for (const [kind, decode] of [
    ['receipt', decodeReceipt],
    ['forget', decodeForget],
  ] as const) {
    for (const { envelope } of await recordsOf(sql, fleet, kind)) {
      const { clockMs } = decode(decodeEnvelope(envelope).payload)
      newestMs = Math.max(newestMs ?? 0, clockMs)
    }
  }
  return newestMs
}
