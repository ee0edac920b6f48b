/** Which keys of the collector Trust names, and which devices know those that were announced last: by their own signed word. */
import { type Bytes, equalBytes, hex } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { AdminLink } from './connecting.ts'
import { lastContactMs, type WaitingDevice } from './kit-standing.ts'
import { checkRow, type ListedDevice } from './known-device.ts'

export interface CollectorKeyStanding {
  readonly keys: readonly {
    readonly key: string
    readonly pins: readonly string[]
    /** The collector proved it in this session. */
    readonly isUsed: boolean
  }[]
  /** Version of Trust that announced others than those of today; undefined: none are announced. */
  readonly announced: number | undefined
  /** Devices that know them. */
  readonly knowing: number
  /** Those that do not, and would be shut out. */
  readonly waiting: readonly WaitingDevice[]
}

export async function collectorKeyStanding(
  p: Primitives,
  link: Pick<AdminLink, 'listDevices'> & { readonly welcome: { readonly collectorKey: Bytes } },
  history: readonly VerifiedTrust[],
): Promise<CollectorKeyStanding> {
  const collectors = history.at(-1)?.document.collectors ?? []
  const keys = collectors.map(({ key, spkiPins }) => ({
    ...{ key: hex(key), pins: spkiPins.map(hex), isUsed: equalBytes(key, link.welcome.collectorKey) },
  }))
  const next = collectors.length > 1 ? collectors.at(-1) : undefined
  const announced =
    next &&
    history.find(({ document }) => document.collectors.some(({ key }) => equalBytes(key, next.key)))?.document
      .version
  const waiting: WaitingDevice[] = []
  let knowing = 0
  if (announced === undefined) return { keys, announced, knowing, waiting }
  for await (const row of link.listDevices()) {
    const listed = await checkRow(p, history, row)
    if (listed.state !== 'verified' || row.revoked) continue
    const { device, name } = listed.certificate
    if (seenTrust(listed) >= announced) knowing++
    else waiting.push({ name, device, isRetired: false, lastSeenMs: lastContactMs(row) })
  }
  return { keys, announced, knowing, waiting }
}

function seenTrust({ head, heartbeat }: Extract<ListedDevice, { state: 'verified' }>): number {
  const heard = typeof heartbeat === 'object' ? heartbeat.seenTrust : 0
  return Math.max(heard, head?.seenTrust ?? 0)
}
