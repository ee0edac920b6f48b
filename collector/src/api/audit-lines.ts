/** Lines of the log as pages show them: with the names that keys and devices have now, which are no part of the log. */
import type { DeviceId } from '@backstay/proto/object/id'
import type { AuditLine } from '@backstay/proto/rest/devices'
import type { NumberedEntry } from '../catalog/log-entries.ts'
import { namesByKeyId } from './key-names.ts'
import type { ApiParts } from './parts.ts'

export type AuditNames = Pick<ApiParts, 'p' | 'fleet' | 'view'>

export async function auditLines(
  { p, fleet, view }: AuditNames,
  entries: readonly NumberedEntry[],
): Promise<AuditLine[]> {
  const keys = fleet.trust === undefined ? new Map<string, string>() : await namesByKeyId(p, fleet.trust)
  const deviceName = (id = '') => view.devices.get(id as DeviceId)?.row.name
  return entries.map(({ number, detail, ...entry }) => {
    const [kind, id] = entry.actor.split(':')
    const actorName = kind === 'admin' ? keys.get(id ?? '') : kind === 'device' ? deviceName(id) : undefined
    const named = deviceName(entry.device)
    return {
      ...{ ...entry, sequence: number, detail: { ...detail } },
      ...(actorName !== undefined && { actorName }),
      ...(named !== undefined && { deviceName: named }),
    }
  })
}
