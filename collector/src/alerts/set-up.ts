/** What people set up about alerts and reports: read when it is asked for, written one document at a time. */
import { hex } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { CollectorSettings, SettingsChange } from '@backstay/proto/rest/alerts'
import type { ReportSchedule } from '@backstay/proto/rest/reports'
import {
  type DocumentKind,
  documentsOf,
  removeDocument,
  secretsOf,
  writeDocument,
  writeSecret,
} from '../catalog/documents.ts'
import type { Sql } from '../catalog/sql.ts'
import type { Channel, ChannelSecret, MailServer } from './channel.ts'
import type { AlertRule } from './rules.ts'

export type Settings = Omit<CollectorSettings, 'mail'> & {
  readonly mail?: Omit<MailServer, 'password'> | undefined
}

/** As it is remembered: when it was due last. */
export type Schedule = Omit<ReportSchedule, 'nextAtMs'>

export interface Shelf<T extends { readonly id: string }> {
  all(): Promise<T[]>
  /** Throws `not_found`. */
  one(id: string): Promise<T>
  write(item: T): Promise<T>
  /** Throws `not_found`. */
  remove(id: string): Promise<void>
  newId(): string
}

export interface SetUp {
  readonly rules: Shelf<AlertRule>
  readonly channels: Shelf<Channel>
  readonly schedules: Shelf<Schedule>
  channelSecrets(): Promise<ReadonlyMap<string, ChannelSecret>>
  writeChannelSecret(id: string, secret: ChannelSecret): Promise<void>
  settings(): Promise<Settings>
  /** Undefined: there is none. */
  mailServer(): Promise<MailServer | undefined>
  changeSettings(change: SettingsChange): Promise<Settings>
}

export interface SetUpOptions {
  readonly p: Pick<Primitives, 'random'>
  readonly sql: Sql
  readonly clock: Pick<Clock, 'now'>
  /** Throws `not_founded`. */
  readonly fleet: () => FleetId
}

/** More of one kind is a mistake of some program. */
const shelfMax = 500
const settingsId = 'collector'
const idBytes = 16

export const beginningSettings: Settings = { digest: { enabled: false, hour: 7, channels: [] } }

export function setUp({ p, sql, clock, fleet }: SetUpOptions): SetUp {
  const newId = () => hex(p.random(idBytes))

  function shelf<T extends { readonly id: string }>(kind: DocumentKind): Shelf<T> {
    const self: Shelf<T> = {
      newId,
      all: async () => (await documentsOf(sql, fleet(), kind)).map(({ body }) => JSON.parse(body) as T),
      async one(id) {
        const found = (await self.all()).find(item => item.id === id)
        if (found !== undefined) return found
        throw notFound(kind, id)
      },
      async write(item) {
        const known = await documentsOf(sql, fleet(), kind)
        if (known.length >= shelfMax && !known.some(({ id }) => id === item.id)) {
          throw new Failure('too_many', `there are ${shelfMax} of these already`)
        }
        const body = JSON.stringify(item)
        await writeDocument(sql, fleet(), kind, { id: item.id, body, changedAtMs: clock.now() })
        return item
      },
      async remove(id) {
        if (!(await removeDocument(sql, fleet(), kind, id))) throw notFound(kind, id)
      },
    }
    return self
  }

  async function settings(): Promise<Settings> {
    const [found] = await documentsOf(sql, fleet(), 'settings')
    return found === undefined ? beginningSettings : (JSON.parse(found.body) as Settings)
  }

  return {
    rules: shelf<AlertRule>('alert-rule'),
    channels: shelf<Channel>('channel'),
    schedules: shelf<Schedule>('report-schedule'),
    async channelSecrets() {
      const stored = await secretsOf(sql, fleet(), 'channel')
      return new Map([...stored].map(([id, secret]) => [id, JSON.parse(secret) as ChannelSecret]))
    },
    writeChannelSecret: (id, secret) => writeSecret(sql, fleet(), 'channel', id, JSON.stringify(secret)),
    settings,
    async mailServer() {
      const { mail } = await settings()
      const password = (await secretsOf(sql, fleet(), 'settings')).get(settingsId)
      return mail && { ...mail, password }
    },
    async changeSettings({ publicUrl, mail, digest }) {
      const before = await settings()
      const { password, ...server } = mail ?? {}
      const now: Settings = {
        publicUrl: publicUrl === undefined ? before.publicUrl : (publicUrl ?? undefined),
        mail: mail === undefined ? before.mail : mail === null ? undefined : (server as Settings['mail']),
        digest: digest ?? before.digest,
      }
      await sql.transaction(async tx => {
        const isSame = before.mail?.host === now.mail?.host && before.mail?.user === now.mail?.user
        // A password goes to the server that it was given for, and to no other.
        if (mail !== undefined && (password !== undefined || !isSame)) {
          await removeDocument(tx, fleet(), 'settings', settingsId)
          if (password !== undefined) await writeSecret(tx, fleet(), 'settings', settingsId, password)
        }
        const body = JSON.stringify(now)
        await writeDocument(tx, fleet(), 'settings', { id: settingsId, body, changedAtMs: clock.now() })
      })
      return now
    },
  }
}

function notFound(kind: DocumentKind, id: string): Failure {
  return new Failure('not_found', `there is no ${kind.replace('-', ' ')} "${id}"`)
}
