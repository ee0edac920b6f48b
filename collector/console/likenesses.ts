/** Devices that look like a new installation of an older one: by what their certificates prove, and not yet answered. */
import type { DeviceDetail } from '@backstay/proto/rest/devices'
import { lookAlikes, type MarkedDevice } from '@backstay/proto/trust/look-alikes'
import type { AdminSession } from './admin.ts'
import { restWithKey } from './collector-rest.ts'
import type { JudgedDevice } from './device-health.ts'
import type { Surroundings } from './surroundings.ts'

export interface Likeness {
  readonly now: JudgedDevice
  readonly before: JudgedDevice
}

export function likenesses(devices: readonly JudgedDevice[]): readonly Likeness[] {
  const byId = new Map(devices.map(one => [one.certificate.device, one]))
  const alike = lookAlikes()
  for (const { certificate } of devices) alike.add(certificate)
  return devices.flatMap(now => {
    const found = alike.of(now.certificate.device, id => marked(byId.get(id)))
    const before = found && byId.get(found.device)
    return before === undefined ? [] : [{ now, before }]
  })
}

function marked(one: JudgedDevice | undefined): MarkedDevice | undefined {
  if (one === undefined) return undefined
  const { certificate, row } = one
  const lastSeenMs = row.online ? Number.POSITIVE_INFINITY : row.lastSeenMs || undefined
  const { device, machine } = certificate
  return { device, machine, enrolledAtMs: row.enrolledAtMs, lastSeenMs, isRetired: row.revoked }
}

/** Without those of which somebody said that they are two; when the collector does not tell, all of them. */
export async function unanswered(
  around: Pick<Surroundings, 'signal'>,
  session: AdminSession,
  all: readonly Likeness[],
): Promise<readonly Likeness[]> {
  if (all.length === 0) return all
  try {
    await using rest = await restWithKey(around, { ...session, signingKey: session.admin.signingKey })
    const open: Likeness[] = []
    for (const one of all) {
      const { looksLike } = await rest.get<DeviceDetail>(`/devices/${one.now.certificate.device}`)
      if (looksLike !== undefined) open.push(one)
    }
    return open
  } catch {
    return all
  }
}
