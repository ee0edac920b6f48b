/** Rules that raise alerts, the channels that carry them, and the alerts themselves. Secrets go in and never come out. */
import { z } from 'zod'
import { everyRole, route } from './route.ts'
import { atMs, count, itemsOf, label, page, pageOf, shortId, word } from './shapes.ts'

/** Of one device each, then of the whole fleet. */
export const alertKinds = [
  ...(['silent', 'unprotected', 'never_backed_up', 'at_risk', 'unread'] as const),
  ...(['escrow_unproven', 'policy_refused', 'policy_stale', 'clone', 'device_log_fork'] as const),
  ...(['coverage_drop', 'storage_low', 'scrub_damage', 'log_fork'] as const),
  ...(['erase_waits', 'release_halted', 'commit_flood', 'clock_halted'] as const),
] as const
export const alertKind = z.enum(alertKinds)
export type AlertKind = z.infer<typeof alertKind>

export const severity = z.enum(['warning', 'critical'])
export type Severity = z.infer<typeof severity>

const dayMs = 86_400_000
const duration = z
  .int()
  .min(0)
  .max(400 * dayMs)
/** A finding that comes and goes with each look (a minute) shall not be many alerts; an end that is told a day late is none. */
const settling = z.int().min(0).max(dayMs)
/** Of rules that say nothing else. */
export const usualSettleMs = 10 * 60_000

export const ruleBody = z.object({
  kind: alertKind,
  name: label,
  enabled: z.boolean(),
  severity,
  /** silent: days. unread: files. coverage_drop: percent protected. storage_low: percent free. Others have none. */
  threshold: z.number().min(0).max(1_000_000_000).optional(),
  /** It must have been so for this long. */
  forMs: duration,
  /** Told again so often while it lasts and nobody acknowledged it; 0: once. */
  repeatMs: duration,
  /** Over when it was not found for this long, a day at most; absent: ten minutes. */
  settleMs: settling.optional(),
  /** Whether its end is told. */
  tellRecovery: z.boolean(),
  /** Devices of these groups and below; absent: all. */
  groups: z.array(shortId).min(1).max(64).optional(),
  /** Where it is told; empty: through every channel. */
  channels: z.array(shortId).max(16),
})
export type RuleBody = z.infer<typeof ruleBody>
export const alertRule = ruleBody.extend({ id: shortId, settleMs: settling, changedAtMs: atMs })
export type AlertRule = z.infer<typeof alertRule>

export const alertState = z.enum(['open', 'acknowledged', 'muted', 'recovered'])
export const alert = z.object({
  id: shortId,
  rule: shortId,
  kind: alertKind,
  severity,
  state: alertState,
  device: shortId.optional(),
  name: z.string().optional(),
  /** A sentence. Names in it come from devices: text, never markup. */
  what: z.string(),
  remedy: z.string(),
  /** Since when it is so. */
  sinceMs: atMs,
  raisedAtMs: atMs,
  recoveredAtMs: atMs.optional(),
  acknowledgedAtMs: atMs.optional(),
  acknowledgedBy: z.string().optional(),
  mutedUntilMs: atMs.optional(),
})
export type AlertItem = z.infer<typeof alert>

export const channelKinds = ['email', 'webhook', 'slack', 'teams', 'ntfy'] as const
export const mailAddress = z.email().max(254)
const targetUrl = z.url({ protocol: /^https?$/ }).max(2000)

export const channelBody = z.object({
  kind: z.enum(channelKinds),
  name: label,
  enabled: z.boolean(),
  /** Of email. */
  to: z.array(mailAddress).min(1).max(50).optional(),
  /** Of all others. Secret: whoever knows it can write there. */
  url: targetUrl.optional(),
  /** webhook: signs what is sent. ntfy: access token. */
  secret: z.string().min(16).max(256).optional(),
  /** The address may be one of a private network; never one of this machine's neighbourhood (link-local). */
  allowPrivate: z.boolean().default(false),
})
export type ChannelBody = z.infer<typeof channelBody>
const channelChange = channelBody.partial().extend({ allowPrivate: z.boolean().optional() })
export type ChannelChange = z.infer<typeof channelChange>
export const channel = z.object({
  id: shortId,
  kind: z.enum(channelKinds),
  name: z.string(),
  enabled: z.boolean(),
  to: z.array(z.string()).optional(),
  /** Host of its address, and no more. */
  host: z.string().optional(),
  hasUrl: z.boolean(),
  hasSecret: z.boolean(),
  allowPrivate: z.boolean(),
  delivery: z.object({
    waiting: count,
    lastDeliveredAtMs: atMs.optional(),
    lastFailure: z.object({ atMs, code: word, what: z.string() }).optional(),
  }),
})
export type ChannelItem = z.infer<typeof channel>

/** What the collector as a whole is told, and by whom it may be changed. */
export const settings = z.object({
  /** For links in mails; absent: none are made. */
  publicUrl: z.string().optional(),
  mail: z
    .object({
      host: z.string(),
      port: z.int(),
      security: z.enum(['starttls', 'tls', 'none']),
      user: z.string().optional(),
      hasPassword: z.boolean(),
      from: z.string(),
    })
    .optional(),
  digest: z.object({ enabled: z.boolean(), hour: z.int(), channels: z.array(shortId) }),
})
export type CollectorSettings = z.infer<typeof settings>

const hostName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9.:-]+$/)
export const settingsChange = z.object({
  publicUrl: targetUrl.nullable().optional(),
  mail: z
    .object({
      host: hostName,
      port: z.int().min(1).max(65_535),
      security: z.enum(['starttls', 'tls', 'none']),
      user: z.string().min(1).max(254).optional(),
      /** Absent: as before, when host and user are as before. */
      password: z.string().min(1).max(1000).optional(),
      from: mailAddress,
    })
    .nullable()
    .optional(),
  /** By the hour of the collector's machine. */
  digest: z
    .object({
      enabled: z.boolean(),
      hour: z.int().min(0).max(23),
      channels: z.array(shortId).max(16),
    })
    .refine(({ enabled, channels }) => !enabled || channels.length > 0, 'a digest that is on needs a channel')
    .optional(),
})
export type SettingsChange = z.infer<typeof settingsChange>

const tag = 'alerts'
const keepers = ['policy', 'owner'] as const
const byId = z.object({ id: shortId })
const change = { tag, access: keepers, scope: 'fleet' } as const
const read = { tag, access: everyRole, scope: 'fleet' } as const

export const alertRoutes = {
  list: route('GET', '/alerts', {
    ...{ tag, access: everyRole, scope: 'filtered' },
    summary: 'what is or was wrong, newest first',
    query: page.extend({ state: alertState.optional(), device: shortId.optional() }),
    answer: pageOf(alert),
  }),
  acknowledge: route('POST', '/alerts/{id}/acknowledge', {
    ...{ tag, access: ['helpdesk', 'restore', 'policy', 'owner'] as const, scope: 'filtered' },
    summary: 'somebody takes care of it: it is not told again until it ended',
    params: byId,
    body: z.object({}),
    answer: alert,
  }),
  mute: route('POST', '/alerts/{id}/mute', {
    ...{ tag, access: ['helpdesk', 'restore', 'policy', 'owner'] as const, scope: 'filtered' },
    summary: 'not told until then, at most 90 days; a time that has passed ends it',
    params: byId,
    body: z.object({ untilMs: atMs }),
    answer: alert,
  }),
  rules: route('GET', '/alert-rules', {
    ...read,
    summary: 'when an alert is raised',
    answer: itemsOf(alertRule),
  }),
  addRule: route('POST', '/alert-rules', {
    ...{ ...change, status: 201, body: ruleBody, answer: alertRule },
    summary: 'one more rule',
  }),
  changeRule: route('PATCH', '/alert-rules/{id}', {
    ...{ ...change, params: byId, body: ruleBody.partial(), answer: alertRule },
    summary: 'what is left out stays; a rule keeps its kind',
  }),
  removeRule: route('DELETE', '/alert-rules/{id}', {
    ...{ ...change, kind: 'none', params: byId },
    summary: 'its alerts end with it',
  }),
  channels: route('GET', '/channels', { ...change, summary: 'where alerts go', answer: itemsOf(channel) }),
  addChannel: route('POST', '/channels', {
    ...{ ...change, status: 201, stepUp: true, body: channelBody, answer: channel },
    summary: 'one more channel',
  }),
  changeChannel: route('PATCH', '/channels/{id}', {
    ...{ ...change, stepUp: true, params: byId, body: channelChange, answer: channel },
    summary: 'what is left out stays, secrets too; a channel keeps its kind',
  }),
  removeChannel: route('DELETE', '/channels/{id}', {
    ...{ ...change, kind: 'none', params: byId },
    summary: 'what still waits for it is dropped',
  }),
  testChannel: route('POST', '/channels/{id}/test', {
    ...{ ...change, params: byId, body: z.object({}) },
    summary: 'sends a word through it now and says how that went',
    answer: z.object({ delivered: z.boolean(), code: word.optional(), what: z.string().optional() }),
  }),
  settings: route('GET', '/settings', { ...change, summary: 'mail server, digest, links', answer: settings }),
  changeSettings: route('PATCH', '/settings', {
    ...{ ...change, access: ['owner'] as const, stepUp: true, body: settingsChange, answer: settings },
    summary: 'what is left out stays; null takes away',
  }),
} as const
