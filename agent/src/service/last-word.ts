/** The heartbeat of a command that backs up once and goes: nobody watches this device after it. */
import { utf8 } from '@backstay/proto/bytes'
import type { Agent } from '../agent.ts'
import type { BackupOutcome } from '../backup/run-backup.ts'
import { protectionOf } from '../keys/key-store.ts'
import type { MemberLink } from '../link/member.ts'
import { policyAlarms } from '../policy/alarms.ts'
import { vitalSigns } from '../vitals/vitals.ts'
import { heartbeatSender } from './heartbeat-sender.ts'
import { codeOf, rootTroubles, toldLog, toldOrders } from './heartbeat-words.ts'
import { readRecord } from './record.ts'

const wordMs = 2_000

/** Best effort: a backup that is done is not undone because the collector does not hear how. Never rejects. */
export async function sayLastWord(
  agent: Agent,
  link: MemberLink,
  result: { readonly outcome: BackupOutcome } | { readonly error: unknown },
): Promise<void> {
  const over = new AbortController()
  const late = agent.clock.sleep(wordMs, over.signal).catch(() => undefined)
  await Promise.race([send(agent, link, result, over.signal).catch(() => undefined), late])
  over.abort()
}

async function send(
  agent: Agent,
  link: MemberLink,
  result: { readonly outcome: BackupOutcome } | { readonly error: unknown },
  signal: AbortSignal,
): Promise<void> {
  const { clock, identities, identity } = agent
  const ignore = () => undefined
  const outcome = 'outcome' in result ? result.outcome : undefined
  const record = await readRecord(agent.state, agent.files)
  const { lastCompleteMs } = record
  const alarms = [...link.alarms, ...policyAlarms(link.obedience, clock.now()), ...(outcome?.alarms ?? [])]
  const sinceLastMs = lastCompleteMs === undefined ? undefined : Math.max(0, clock.now() - lastCompleteMs)
  const vitals = vitalSigns({ clock, silent: ignore, asked: ignore, ask: async () => nothingAsked })
  await heartbeatSender(agent).send(
    link.session,
    {
      ...{ seenTrust: link.trust.document.version, ...toldOrders(link.obedience), ...toldLog(link) },
      headSequence: (await identities.readHead()).sequence,
      escrowEpoch: identity.secrets.epochs.at(-1)?.epoch ?? 0,
      leaving: true,
      sinceCompleteMs: outcome === undefined ? sinceLastMs : 0,
      unprotectedMs: undefined,
      paused: undefined,
      waiting: '',
      failure: 'error' in result ? codeOf(result.error) : '',
      unread: [...(outcome?.unread ?? [])].map(([code, count]) => ({ code, count, forMs: 0 })),
      roots: rootTroubles(record, clock.now()),
      alarms: alarms
        .filter(({ code }) => code !== 'root_flagged')
        .map(({ code }) => ({ code, count: 1, forMs: 0 })),
      watch: undefined,
      running: undefined,
      queue: undefined,
      access: [],
      vitals: await vitals.take([utf8(agent.state)]),
      user: await vitals.user(),
      keyProtection: protectionOf(await agent.secrets.kind()),
    },
    signal,
  )
}

/** A thread for the model of the machine would outlast a small backup. */
const nothingAsked = { machine: {}, silent: [] }
