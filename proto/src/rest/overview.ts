/** "Are we OK?": the fleet in one answer, its last days, and what happens now. */
import { z } from 'zod'
import { everyRole, route } from './route.ts'
import { atMs, count, itemsOf, longId, shortId, wholeIn, word } from './shapes.ts'

export const deviceStates = [
  ...(['protected', 'offline_complete', 'paused', 'at_risk'] as const),
  ...(['unprotected', 'never_backed_up', 'retired'] as const),
] as const
export const deviceState = z.enum(deviceStates)
export type DeviceState = z.infer<typeof deviceState>

/** Something that somebody must do. */
export const attention = z.object({
  id: z.string(),
  severity: z.enum(['warning', 'critical']),
  kind: z.enum(['device', 'policy', 'storage', 'scrub', 'escrow', 'clone']),
  code: word,
  /** A sentence. Names in it come from devices: text, never markup. */
  what: z.string(),
  device: shortId.optional(),
  sinceMs: atMs,
  /** What to do, as a sentence or a command. */
  remedy: z.string(),
})
export type Attention = z.infer<typeof attention>

export const overview = z.object({
  asOfMs: atMs,
  fleet: z.object({ id: longId, name: z.string() }).optional(),
  counts: z.record(deviceState, count),
  /** Protected or offline and complete, of all that are not retired; 0 to 1. Absent when there is no device. */
  coverage: z.number().min(0).max(1).optional(),
  /** The gravest first; a hundred at most. */
  attention: z.array(attention),
  attentionTotal: count,
  oldestUnprotected: z.object({ device: shortId, name: z.string(), sinceMs: atMs }).optional(),
  /** Of the whole fleet, as `scrub` and the newest proof: absent for who sees some groups of it. */
  storage: z
    .object({
      /** Of stored objects. */
      bytes: count,
      /** Of the packs on the disk. */
      diskBytes: count,
      diskFreeBytes: count,
      /** When the disk is full if it goes on like this. Absent while nobody can know. */
      fullAtMs: atMs.optional(),
      /** Of the newest snapshot of every device: what a restore of all would write. */
      logicalBytes: count,
      /**
       * Logical ÷ stored: how much smaller the store is than all snapshots' files would be, by deduplication and compression
       * together. Objects are sealed: nobody here can tell the two apart.
       */
      dedup: z.number().optional(),
    })
    .optional(),
  scrub: z
    .object({ lastAtMs: atMs.optional(), oldestUnverifiedAtMs: atMs.optional(), damaged: count })
    .optional(),
  /** Whether somebody can still open the backups: the newest proof, and devices whose newest keys nobody proved. */
  drill: z.object({ lastProofAtMs: atMs.optional(), unproven: count }),
  /** Trust allows keys in the page that the collector serves: a permanent banner. */
  hostedKeys: z.boolean(),
  notices: z.array(z.object({ code: word, what: z.string(), remedy: z.string() })),
})
export type Overview = z.infer<typeof overview>

export const day = z.object({
  dayMs: atMs,
  snapshots: count,
  addedBytes: count,
  storedBytes: count,
  protected: count,
  devices: count,
})
export type Day = z.infer<typeof day>

export const activity = z.object({
  /** Number of the line in the log. */
  id: z.string(),
  atMs,
  kind: word,
  what: z.string(),
  device: shortId.optional(),
  name: z.string().optional(),
  severity: z.enum(['good', 'note', 'warning', 'critical']),
})
export type Activity = z.infer<typeof activity>

/** `data` of an event of the stream; its `id:` line is what `Last-Event-ID` takes up again. */
export const liveEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('device'),
    device: shortId,
    name: z.string(),
    state: deviceState,
    before: deviceState.optional(),
    online: z.boolean(),
    atMs,
  }),
  z.object({
    type: z.literal('job'),
    device: shortId,
    job: shortId,
    state: z.enum(['running', 'done', 'failed', 'refused']),
    entries: count.optional(),
    bytes: count.optional(),
    code: z.string().optional(),
    atMs,
  }),
  z.object({ type: z.literal('alert'), alert: z.string(), state: word, what: z.string(), atMs }),
  /** Somebody without a key asked for something, or was answered. */
  z.object({ type: z.literal('intent'), intent: z.string(), device: shortId, state: word, atMs }),
  /** The log has more lines; of the device, when it is named. */
  z.object({ type: z.literal('activity'), device: shortId.optional(), atMs }),
  /** Orders, Trust or proofs came. */
  z.object({ type: z.literal('orders'), atMs }),
  z.object({ type: z.literal('policy'), device: shortId, refused: count, atMs }),
  /** Events were lost since the id that was named: ask anew for what is shown. */
  z.object({ type: z.literal('reset'), atMs }),
])
export type LiveEvent = z.infer<typeof liveEvent>

const tag = 'overview'

export const overviewRoutes = {
  overview: route('GET', '/overview', {
    ...{ tag, access: everyRole, scope: 'filtered', answer: overview },
    summary: 'the fleet in one answer',
  }),
  history: route('GET', '/history', {
    ...{ tag, access: everyRole, scope: 'fleet' },
    summary: 'one row a day: snapshots, bytes, devices that were protected',
    query: z.object({ days: wholeIn(1, 400).default(30) }),
    answer: z.object({ days: z.array(day) }),
  }),
  activity: route('GET', '/activity', {
    ...{ tag, access: everyRole, scope: 'filtered' },
    summary: 'what happened last, newest first',
    query: z.object({ limit: wholeIn(1, 200).default(50) }),
    answer: itemsOf(activity),
  }),
  events: route('GET', '/events', {
    ...{ tag, access: everyRole, scope: 'filtered', kind: 'events', answer: liveEvent },
    summary: 'what happens now, as server-sent events; resumes with Last-Event-ID',
  }),
} as const
