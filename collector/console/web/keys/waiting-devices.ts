/** Devices whose newest keys nobody has shown to open, by the collector's word: whoever opens them looks for himself. */
import type { DeviceId } from '@backstay/proto/object/id'
import type { DeviceItem } from '@backstay/proto/rest/devices'
import type { Overview } from '@backstay/proto/rest/overview'
import type { DeviceRow } from '@backstay/proto/wire/frame'
import type { Rest, RestLink } from '../../rest-link.ts'

const pageItems = 500
/** Of one unlock, which is done within a minute; the next one proves the rest. */
const waitingMax = 500

export async function waitingDevices(rest: Rest): Promise<readonly DeviceId[]> {
  const { drill } = await rest.get<Overview>('/overview')
  const found: DeviceId[] = []
  for (let cursor: string | undefined; drill.unproven > 0; ) {
    const page: { readonly items: readonly DeviceItem[]; readonly nextCursor?: string } = await rest.get(
      '/devices',
      { limit: pageItems, ...(cursor !== undefined && { cursor }) },
    )
    for (const { device, escrowProven, state } of page.items)
      if (!escrowProven && state !== 'retired') found.push(device as DeviceId)
    cursor = page.nextCursor
    if (cursor === undefined || found.length >= waitingMax) break
  }
  return found.slice(0, waitingMax)
}

export async function* leanRows(link: RestLink, devices: readonly DeviceId[]): AsyncGenerator<DeviceRow> {
  for (const device of devices) yield* link.leanDevices?.(device) ?? []
}
