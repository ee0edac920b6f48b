/**
 * Whether all devices are shown the same log. Each signs into its heartbeat the checkpoint that it holds; here they are laid
 * in order of their size, and the collector must prove that each grew out of the one before. Where it cannot, it showed
 * different histories to different devices: neither of them could see that alone.
 */
import { isFailure } from '@backstay/proto/failure'
import { type Checkpoint, verifyCheckpoint } from '@backstay/proto/log/checkpoint'
import { type ForkKind, forkBetween } from '@backstay/proto/log/witness'
import type { AdminSession } from './admin.ts'
import type { JudgedDevice } from './device-health.ts'

export interface LogViews {
  /** Checkpoints that were compared, of devices and our own. */
  readonly compared: number
  readonly forks: readonly LogFork[]
}

export interface LogFork {
  readonly kind: ForkKind
  readonly earlier: LogView
  readonly later: LogView
}

export interface LogView {
  /** Names of devices; `this folder`: what this admin was shown before. */
  readonly seenBy: readonly string[]
  readonly checkpoint: Checkpoint
}

type Comparing = Pick<AdminSession, 'primitives' | 'trust' | 'history' | 'witnessed'> & {
  readonly link: Pick<AdminSession['link'], 'welcome' | 'askLog'>
}

export async function compareLogs(
  { primitives: p, link, trust, history, witnessed }: Comparing,
  devices: readonly Pick<JudgedDevice, 'certificate' | 'heartbeat'>[],
): Promise<LogViews> {
  const { fleet } = trust
  const past = { fleet, keys: history.flatMap(one => one.document.collectors.map(({ key }) => key)) }
  const current = { fleet, keys: [link.welcome.collectorKey] }
  // Asked last: no device holds a newer one that this session did not see.
  if (witnessed === undefined) return { compared: 0, forks: [] }
  const newest = await link.askLog(0, 0)
  const now = await verifyCheckpoint(p, newest.checkpoint, current)
  const seen: { readonly by: string; readonly checkpoint: Checkpoint }[] = []
  const told = devices.flatMap(({ certificate, heartbeat }) => {
    if (heartbeat === undefined || heartbeat === 'forged') return []
    const { checkpoint, forkedFrom } = heartbeat
    return [checkpoint, forkedFrom].flatMap(note =>
      note === undefined ? [] : { by: certificate.name, note },
    )
  })
  const own = [witnessed.checkpoint, witnessed.fork?.before].flatMap(note =>
    note === undefined ? [] : { by: 'this folder', note },
  )
  for (const { by, note } of [...told, ...own]) {
    try {
      const checkpoint = await verifyCheckpoint(p, note, past)
      // Of a collector that owners replaced: another log.
      if (checkpoint.origin === now.origin) seen.push({ by, checkpoint })
    } catch (error) {
      // No collector signed it, so it says nothing about one.
      if (!isFailure(error)) throw error
    }
  }
  const views = distinct([...seen, { by: 'this session', checkpoint: now }])
  const forks: LogFork[] = []
  for (const [index, later] of views.entries()) {
    const earlier = views[index - 1]
    if (earlier === undefined) continue
    const kind = await fork(earlier.checkpoint, later.checkpoint)
    if (kind !== undefined) forks.push({ kind, earlier, later })
  }
  return { compared: seen.length, forks }

  async function fork(earlier: Checkpoint, later: Checkpoint): Promise<ForkKind | undefined> {
    if (later.size > now.size) return 'log_rolled_back'
    if (earlier.size === later.size) return forkBetween(p, earlier, later, [])
    try {
      const { proof } = await link.askLog(earlier.size, later.size)
      return await forkBetween(p, earlier, later, proof)
    } catch (error) {
      // It signed both and has not both.
      if (isFailure(error, 'bad_range')) return 'log_rewritten'
      throw error
    }
  }
}

/** One of each state of the log, by size. */
function distinct(
  seen: readonly { readonly by: string; readonly checkpoint: Checkpoint }[],
): readonly LogView[] {
  const states = Map.groupBy(seen, ({ checkpoint: { size, root } }) => `${size} ${root.toHex()}`)
  return [...states.values()]
    .flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : { checkpoint: first.checkpoint, seenBy: [...new Set([first, ...others].map(({ by }) => by))] },
    )
    .sort((a, b) => a.checkpoint.size - b.checkpoint.size)
}

/** For people: who was shown what. */
export function logForkSentence({ kind, earlier, later }: LogFork): string {
  const told = ({ seenBy, checkpoint }: LogView) =>
    `${seenBy.slice(0, 3).join(', ')}${seenBy.length > 3 ? ` and ${seenBy.length - 3} more` : ''} (${checkpoint.size} entries)`
  return kind === 'log_rolled_back'
    ? `the collector's log is shorter than what ${told(later)} saw: it was put back from an older copy, or it hides what happened since`
    : `the collector showed different logs to ${told(earlier)} and to ${told(later)}: it hides something from one of them`
}
