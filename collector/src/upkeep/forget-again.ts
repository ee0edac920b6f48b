/** Commits that come up again, because an old pack was put back, and that were forgotten before. */
import type { FleetId } from '@backstay/proto/object/id'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeForget } from '@backstay/proto/trust/forget'
import { recordsOf } from '../catalog/records.ts'
import { forgetSnapshots, unpublishedSnapshots } from '../catalog/snapshots.ts'
import type { Sql } from '../catalog/sql.ts'

export async function forgetAgain(sql: Sql, fleet: FleetId): Promise<void> {
  const waiting = Map.groupBy(await unpublishedSnapshots(sql, fleet), snapshot => snapshot.device)
  for (const [device, snapshots] of waiting) {
    const known = new Set(snapshots.map(snapshot => snapshot.id))
    for (const { envelope } of await recordsOf(sql, fleet, 'forget', device)) {
      const forget = decodeForget(decodeEnvelope(envelope).payload)
      const again = forget.snapshots.filter(id => known.has(id))
      if (again.length > 0) await forgetSnapshots(sql, fleet, device, again, forget.clockMs)
    }
  }
}
