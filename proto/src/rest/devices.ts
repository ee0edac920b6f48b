/** "Who is not protected?": devices, what is known of each, its snapshots, settings and jobs. */
import { z } from 'zod'
import { parcelStates } from '../policy/parcels.ts'
import { deviceState } from './overview.ts'
import { everyRole, route } from './route.ts'
import { effectiveSetting } from './settings.ts'
import { atMs, base64, count, itemsOf, longId, page, pageOf, shortId, wholeIn, word } from './shapes.ts'

export const deviceReason = z.object({
  code: word,
  /** What it makes of the device; a note changes nothing. */
  grade: word,
  what: z.string(),
  count: z.int().optional(),
  sinceMs: atMs,
  untilMs: atMs.optional(),
})
export type DeviceReason = z.infer<typeof deviceReason>

export const deviceItem = z.object({
  device: shortId,
  name: z.string(),
  /** Who works on it; when the agent says so. */
  user: z.string().optional(),
  state: deviceState,
  sinceMs: atMs,
  reasons: z.array(deviceReason),
  platform: z.string(),
  agentVersion: z.string(),
  online: z.boolean(),
  lastSeenAtMs: atMs.optional(),
  lastCompleteAtMs: atMs.optional(),
  /** Since when a change waits that is on no collector. */
  oldestChangeAtMs: atMs.optional(),
  storedBytes: count,
  /** Files that the newest snapshot could not read. */
  unread: count,
  groupId: shortId.optional(),
  groupName: z.string().optional(),
  /** Whether it obeys the newest orders. Absent: it has not said. */
  policyVersionOk: z.boolean().optional(),
  /** Whether somebody showed that its newest keys open. */
  escrowProven: z.boolean(),
  /** An older device on the same machine, as its marks say, that is silent since this one came: is this its replacement? */
  looksLike: z
    .object({ device: shortId, name: z.string(), state: deviceState, lastSeenAtMs: atMs.optional() })
    .optional(),
})
export type DeviceItem = z.infer<typeof deviceItem>

const trouble = z.object({ code: z.string(), count, sinceMs: atMs })

export const deviceDetail = deviceItem.extend({
  enrolledAtMs: atMs,
  revokedAtMs: atMs.optional(),
  onlineSinceMs: atMs.optional(),
  heardAtMs: atMs.optional(),
  grant: z.object({ id: shortId, label: z.string() }).optional(),
  /** Groups from the fleet inwards. */
  groups: z.array(z.object({ id: shortId, name: z.string() })),
  vitals: z
    .object({
      system: z.string(),
      model: z.string(),
      disks: z.array(z.object({ bytes: count, freeBytes: count })),
      memoryBytes: count,
      memoryFreeBytes: count,
      batteryPercent: z.number().optional(),
      charging: z.boolean(),
      uptimeMs: count,
      agentMemoryBytes: count,
      agentCpuMs: count,
    })
    .optional(),
  watch: z
    .object({
      ...{ roots: count, native: count, polled: count, absent: count },
      ...{ folders: count, unwatched: count, missed: count },
    })
    .optional(),
  unreadByReason: z.array(trouble),
  roots: z.array(trouble),
  alarms: z.array(trouble),
  /** What its system keeps from the agent until somebody there lets it. */
  access: z.array(trouble),
  /** Where its keys lie: file, credential, keychain; when the agent says so. */
  keyProtection: z.string().optional(),
  /** What waits, as far as the agent knows without looking: changes that nobody has looked at have no size yet. */
  queue: z.object({ everything: z.boolean(), folders: count, objects: count, bytes: count }).optional(),
  running: z.object({ entries: count, readBytes: count, sentBytes: count, sinceMs: atMs }).optional(),
  /** Why no backup runs. */
  waiting: z.string().optional(),
  /** Code of what the last backup failed with. */
  failure: z.string().optional(),
  /** `by`: the admin who paused it from afar; absent: who works there did. */
  paused: z.object({ sinceMs: atMs, untilMs: atMs, by: z.string().optional() }).optional(),
  clockSkewMs: z.int().optional(),
  refusedOrders: z.array(z.object({ id: shortId.optional(), code: z.string() })),
  headSequence: count,
  held: z.boolean(),
})
export type DeviceDetail = z.infer<typeof deviceDetail>

export const snapshotItem = z.object({
  sequence: count,
  /** Of the commit record. */
  id: longId,
  /** By the device's clock. */
  startedAtMs: atMs,
  endedAtMs: atMs,
  /** By the collector's. */
  receivedAtMs: atMs,
  complete: z.boolean(),
  entries: count,
  bytes: count,
  unread: count,
  pinned: z.boolean(),
  held: z.boolean(),
  /** Objects below it that were found damaged or missing, at least. */
  damaged: count,
  /** Why it stays; empty: it may go. */
  reasons: z.array(z.object({ code: word, untilMs: atMs.optional(), bucket: z.string().optional() })),
})
export type SnapshotItem = z.infer<typeof snapshotItem>

export const jobItem = z.object({
  /** Of the order. */
  job: shortId,
  kind: z.enum(['backup', 'verify', 'restore', 'diagnostics', 'pause', 'resume']),
  /** Of a pause: how long. */
  minutes: count.optional(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'refused', 'expired']),
  issuedAtMs: atMs,
  expiresAtMs: atMs,
  reportedAtMs: atMs.optional(),
  /** Why it failed or was refused. */
  code: z.string().optional(),
  entries: count.optional(),
  bytes: count.optional(),
})
export type JobItem = z.infer<typeof jobItem>

export const parcelItem = z.object({
  parcel: shortId,
  /** Of the device that was asked about: its files went away, or others came to it. */
  direction: z.enum(['given', 'received']),
  other: shortId,
  /** Absent: the device is none that the caller sees. */
  otherName: z.string().optional(),
  entries: count,
  bytes: count,
  givenAtMs: atMs,
  untilMs: atMs,
  state: z.enum(parcelStates),
  /** Its receiver has restored it, whatever became of the parcel since. */
  arrived: z.boolean(),
})
export type ParcelItem = z.infer<typeof parcelItem>

export const jobProgress = z.object({
  entries: count,
  bytes: count,
  heardAtMs: atMs.optional(),
})

export const auditLine = z.object({
  sequence: count,
  atMs,
  actor: z.string(),
  /** What an admin or device among the actors is called now; no part of the log. */
  actorName: z.string().optional(),
  action: z.string(),
  device: shortId.optional(),
  /** As above. */
  deviceName: z.string().optional(),
  target: z.string().optional(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
export type AuditLine = z.infer<typeof auditLine>

export const deviceSorts = [
  ...['name', 'state', 'since', 'seen', 'complete', 'waiting', 'stored', 'unread', 'agent', 'group'],
  ...[
    '-name',
    '-state',
    '-since',
    '-seen',
    '-complete',
    '-waiting',
    '-stored',
    '-unread',
    '-agent',
    '-group',
  ],
] as const

export const deviceQuery = z.object({
  /** Several with commas. */
  state: z.string().max(200).optional(),
  /** In name, user or the beginning of the id; any case. */
  q: z.string().max(200).optional(),
  /** A group and all below it; `none` for devices in no group. */
  group: z.union([shortId, z.literal('none')]).optional(),
  /** ok, behind, refused, unknown */
  policy: z.enum(['ok', 'behind', 'refused', 'unknown']).optional(),
  /** The beginning of the platform: linux, darwin, win32. */
  os: z.string().max(64).optional(),
  online: z.enum(['true', 'false']).optional(),
  /** The version of its agent, or its first parts: `1.4` is 1.4.0 and 1.4.2, and not 1.40. */
  agent: z.string().max(64).optional(),
  sort: z.string().max(32).optional(),
})

export const deviceParams = z.object({ device: shortId })

/** Of one request for objects: what a restore asks for at once. */
export const idsMax = 1024

const tag = 'devices'
const read = { tag, access: everyRole, scope: 'device', params: deviceParams } as const

export const deviceRoutes = {
  list: route('GET', '/devices', {
    ...{ tag, access: everyRole, scope: 'filtered' },
    summary: 'devices with their state, filtered and sorted',
    query: deviceQuery.extend(page.shape),
    answer: pageOf(deviceItem).extend({ total: count, asOfMs: atMs }),
  }),
  csv: route('GET', '/devices.csv', {
    ...{ tag, access: everyRole, scope: 'filtered', kind: 'csv', query: deviceQuery },
    summary: 'the same list for a spreadsheet, whole',
  }),
  one: route('GET', '/devices/{device}', {
    ...{ ...read, answer: deviceDetail },
    summary: 'all that is known of a device',
  }),
  snapshots: route('GET', '/devices/{device}/snapshots', {
    ...read,
    summary: 'its snapshots, newest first',
    query: z.object({
      limit: wholeIn(1, 1000).default(500),
      before: wholeIn(1, Number.MAX_SAFE_INTEGER).optional(),
    }),
    answer: z.object({ items: z.array(snapshotItem), nextBefore: count.optional() }),
  }),
  policy: route('GET', '/devices/{device}/policy', {
    ...read,
    summary: 'the settings that it shall obey, each with its source',
    answer: z.object({
      settings: z.array(effectiveSetting),
      layers: z.array(z.object({ layer: word, id: z.string(), name: z.string() })),
      obeys: z.boolean().optional(),
      saidAtMs: atMs.optional(),
    }),
  }),
  jobs: route('GET', '/devices/{device}/jobs', {
    ...read,
    summary: 'its signed one-time commands, newest first',
    answer: itemsOf(jobItem),
  }),
  parcels: route('GET', '/devices/{device}/parcels', {
    ...read,
    summary:
      'parts of it that were given to others, and of others to it, newest first; what was given is sealed',
    answer: itemsOf(parcelItem),
  }),
  notSame: route('POST', '/devices/{device}/not-same', {
    ...{ tag, access: ['policy', 'owner'] as const, scope: 'device', params: deviceParams, kind: 'none' },
    summary: 'says that this device is no new installation of the one that it looks like',
    body: z.object({ device: shortId }),
  }),
  progress: route('GET', '/devices/{device}/jobs/{job}/progress', {
    ...read,
    params: deviceParams.extend({ job: shortId }),
    summary: 'how far a running job is',
    answer: jobProgress,
  }),
  audit: route('GET', '/devices/{device}/audit', {
    ...{ ...read, access: ['auditor', 'owner'] as const },
    summary: 'the lines of the audit log about a device, newest first',
    query: z.object({ limit: wholeIn(1, 200).default(50) }),
    answer: itemsOf(auditLine),
  }),
  commits: route('GET', '/devices/{device}/commits', {
    ...read,
    summary: 'stored commit records, raw, newest first: for whoever verifies them himself',
    query: z.object({
      limit: wholeIn(1, 500).default(100),
      before: wholeIn(1, Number.MAX_SAFE_INTEGER).optional(),
    }),
    answer: z.object({
      items: z.array(
        z.object({ id: longId, sequence: count, receivedAtMs: atMs, stored: base64(1024 * 1024) }),
      ),
      nextBefore: count.optional(),
    }),
  }),
  objects: route('POST', '/devices/{device}/objects', {
    ...{ ...read, access: ['restore', 'owner'] as const, takes: 'octets', kind: 'octets' },
    summary:
      'sealed objects by id: 32-byte ids in, at most 1,024; out, for each, its place in the question and its length, both u32be (0xffffffff: not held), then its bytes; in the order in which they lie on the disk',
  }),
} as const
