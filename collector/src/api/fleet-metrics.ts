/** The fleet in numbers for Prometheus. */
import { deviceStates } from '@backstay/proto/rest/overview'
import { countDamage } from '../catalog/damage.ts'
import { packSums, storedSum } from '../catalog/fleet-sums.ts'
import { countSnapshots } from '../catalog/snapshots.ts'
import { rotationStatus } from '../upkeep/rotation/status.ts'
import type { Metric } from './metrics.ts'
import type { ApiParts } from './parts.ts'

export async function fleetMetrics({ sql, vault, view, gateway, fleet, store }: ApiParts): Promise<Metric[]> {
  const own = fleet.trust?.fleet
  const states = Map.groupBy(view.devices.values(), one => one.health.state)
  const status = await rotationStatus(sql, vault)
  const one = (name: string, help: string, value: number): Metric => ({
    ...{ name, help, kind: 'gauge', values: [{ value }] },
  })
  return [
    {
      ...{ name: 'backstay_devices', help: 'Devices by state.', kind: 'gauge' },
      values: deviceStates.map(state => ({ labels: { state }, value: states.get(state)?.length ?? 0 })),
    },
    one('backstay_sessions', 'Sessions of devices and admins that are open.', gateway.sessions),
    one('backstay_stored_bytes', 'Bytes of stored objects.', (await storedSum(sql, vault)).bytes),
    one('backstay_pack_bytes', 'Bytes of packs on the disk.', (await packSums(sql, vault)).bytes),
    one('backstay_disk_free_bytes', 'Bytes that are free on the disk of the packs.', await store.freeBytes()),
    one(
      'backstay_oldest_unverified_seconds',
      'How long the bytes wait that wait longest to be read again.',
      Math.round(status.oldestAgeMs / 1000),
    ),
    one(
      'backstay_damaged_objects',
      'Stored objects that are damaged or missing.',
      await countDamage(sql, vault),
    ),
    one(
      'backstay_snapshots',
      'Snapshots that are kept.',
      own === undefined ? 0 : await countSnapshots(sql, own, true),
    ),
  ]
}
