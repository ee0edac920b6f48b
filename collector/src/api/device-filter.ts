/** Which devices somebody asked for, and in which order: pure functions over the view. */
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { danger } from '@backstay/proto/health/health'
import { deviceSorts } from '@backstay/proto/rest/devices'
import { deviceStates } from '@backstay/proto/rest/overview'
import type { ViewedDevice } from '../fleet/fleet-view.ts'
import { oldestChange, unreadOf } from './device-item.ts'

export interface DeviceWish {
  readonly state?: string | undefined
  readonly q?: string | undefined
  readonly group?: string | undefined
  readonly policy?: 'ok' | 'behind' | 'refused' | 'unknown' | undefined
  readonly os?: string | undefined
  readonly online?: 'true' | 'false' | undefined
  readonly agent?: string | undefined
  readonly sort?: string | undefined
}

/** Throws `bad_request` for a state or a sort that is none. */
export function chosen(devices: Iterable<ViewedDevice>, wish: DeviceWish): ViewedDevice[] {
  const states = statesOf(wish.state)
  const needle = wish.q?.trim().toLowerCase() ?? ''
  const order = orderOf(wish.sort)
  return order([...devices].filter(one => fits(one, wish, states, needle)))
}

function fits(
  device: ViewedDevice,
  wish: DeviceWish,
  states: ReadonlySet<string> | undefined,
  needle: string,
): boolean {
  const { row, health, groups, heard, onlineSinceMs } = device
  const texts = [row.name, heard?.heartbeat.user ?? ''].map(text => text.toLowerCase())
  if (states !== undefined && !states.has(health.state)) return false
  if (needle !== '' && !texts.some(text => text.includes(needle)) && !row.device.startsWith(needle))
    return false
  if (wish.os !== undefined && !row.platform.startsWith(wish.os)) return false
  if (wish.online !== undefined && (onlineSinceMs !== undefined) !== (wish.online === 'true')) return false
  if (wish.agent !== undefined && !isVersion(heard?.heartbeat.agentVersion ?? '', wish.agent)) return false
  if (wish.policy !== undefined && policyOf(device) !== wish.policy) return false
  if (wish.group === undefined) return true
  return wish.group === 'none' ? groups.length === 0 : groups.some(group => hex(group.id) === wish.group)
}

function isVersion(version: string, wanted: string): boolean {
  return version === wanted || (version.startsWith(wanted) && !/^\d/.test(version.slice(wanted.length)))
}

export function policyOf({ obeys, refused }: ViewedDevice): 'ok' | 'behind' | 'refused' | 'unknown' {
  if (refused.length > 0) return 'refused'
  if (obeys === undefined) return 'unknown'
  return obeys ? 'ok' : 'behind'
}

function statesOf(text: string | undefined): ReadonlySet<string> | undefined {
  if (text === undefined || text === '') return undefined
  const asked = text.split(',')
  const strange = asked.find(one => !(deviceStates as readonly string[]).includes(one))
  if (strange === undefined) return new Set(asked)
  throw new Failure('bad_request', `query.state: one of ${deviceStates.join(', ')}`)
}

type Key = (device: ViewedDevice) => number | string

const keys: Readonly<Record<string, Key>> = {
  name: nameOf,
  state: ({ health }) => -danger(health.state),
  since: ({ health }) => health.sinceMs,
  seen: ({ row, onlineSinceMs }) =>
    onlineSinceMs === undefined ? (row.lastSeenMs ?? 0) : Number.MAX_SAFE_INTEGER,
  complete: ({ row }) => row.lastCompleteAtMs ?? 0,
  waiting: device => oldestChange(device) ?? Number.MAX_SAFE_INTEGER,
  stored: ({ row }) => row.storedBytes,
  unread: unreadOf,
  agent: ({ heard }) => heard?.heartbeat.agentVersion ?? '',
  group: ({ groups }) => groups.at(-1)?.name ?? '',
}

/** The gravest first, then by name, when nothing is asked for. The id makes an order of equals. */
function orderOf(sort = 'state'): (devices: readonly ViewedDevice[]) => ViewedDevice[] {
  if (!(deviceSorts as readonly string[]).includes(sort)) {
    throw new Failure('bad_request', `query.sort: one of ${deviceSorts.join(', ')}`)
  }
  const sign = sort.startsWith('-') ? -1 : 1
  const key = keys[sort.replace(/^-/, '')] ?? nameOf
  const compare = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0)
  // Each is looked at once: with ten thousand devices a comparison is made a hundred thousand times.
  return devices =>
    devices
      .map(device => ({ device, key: key(device), name: nameOf(device) }))
      .sort(
        (a, b) =>
          sign * compare(a.key, b.key) ||
          compare(a.name, b.name) ||
          compare(a.device.row.device, b.device.row.device),
      )
      .map(one => one.device)
}

function nameOf({ row }: ViewedDevice): string {
  return row.name.toLowerCase()
}
