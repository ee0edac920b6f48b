/** What people said of devices that look alike: these are two. Lost, the question is only asked again. */
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { documentsOf, writeDocument } from '../catalog/documents.ts'
import type { Sql } from '../catalog/sql.ts'

/** The later one first. */
export const pairOf = (device: DeviceId, other: DeviceId): string => `${device}-${other}`

/** Pairs. */
export async function readNotSame(sql: Sql, fleet: FleetId): Promise<ReadonlySet<string>> {
  return new Set((await documentsOf(sql, fleet, 'not-same')).map(({ id }) => id))
}

export function writeNotSame(sql: Sql, fleet: FleetId, pair: string, nowMs: number): Promise<void> {
  return writeDocument(sql, fleet, 'not-same', { id: pair, body: '{}', changedAtMs: nowMs })
}
