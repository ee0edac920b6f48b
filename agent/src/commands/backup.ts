import { lstatSync } from 'node:fs'
import { ExitCode, exitCodes, type Terminal } from '@backstay/proto/command-line'
import { Failure } from '@backstay/proto/failure'
import type { Command } from 'commander'
import type { Agent } from '../agent.ts'
import type { Alarm } from '../alarm.ts'
import type { BackupProgress } from '../backup/backup.ts'
import { type BackupOutcome, type RunBackupOptions, runBackup } from '../backup/run-backup.ts'
import type { MemberLink } from '../link/member.ts'
import { askOwner } from '../local/ask-owner.ts'
import { hooksFolder } from '../policy/hook-file.ts'
import { type Moment, runHook } from '../policy/hooks.ts'
import { sayLastWord } from '../service/last-word.ts'
import { type ToldOutcome, toldOutcome } from '../service/outcome.ts'
import { singleBackup } from '../service/single-backup.ts'
import { type CommonOptions, stateOf, withCommonOptions, withSession } from './options.ts'
import { progressLine } from './progress.ts'
import { bytesText, nameText } from './text.ts'
import { typedPath } from './typed-path.ts'

interface Options extends CommonOptions {
  readonly exclude?: readonly string[]
  readonly label?: string
  readonly checkpointMinutes?: string
  readonly hooks: string
}

export function addBackup(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('backup'))
    .description('back up what the policy names, or the folders given')
    .argument('[root...]', 'folders to back up instead of those of the policy')
    .option('--exclude <pattern>', 'leave out what matches, as in .gitignore (repeatable)', collect)
    .option('--label <text>', 'a note on this snapshot')
    .option('--hooks <dir>', 'where root puts the hooks that a policy names', hooksFolder)
    .option('--checkpoint-minutes <n>', 'commit what is done this often during a long backup (default: 10)')
    .action(async (roots: readonly string[], options: Options) => {
      const progress = progressLine<BackupProgress>(
        ({ entries, readBytes, sentBytes }) =>
          `${entries} entries, ${bytesText(readBytes)} read, ${bytesText(sentBytes)} sent`,
        ({ readBytes }) => readBytes,
      )
      const say = terminal.say
      if (roots.length === 0 && options.label === undefined && options.exclude === undefined) {
        const heard = await askRunning(stateOf(options), progress.show).finally(progress.end)
        if (heard !== undefined) {
          report(heard, options, terminal)
          return
        }
      }
      const outcome = await withSession(options, say, async (agent, link, signal) => {
        const local = localRoots(roots, options.exclude ?? [])
        const minutes = wholeMinutes(options.checkpointMinutes ?? '10')
        const { hooks } = link.obedience.policy.values
        // Folders given by hand are no business of the policy's hooks; what the one before has stopped must go on.
        const signalFor = { before: signal, after: new AbortController().signal }
        const hook = async (moment: Moment): Promise<Alarm[]> =>
          local === undefined
            ? runHook(hooks, moment, {
                ...{ system: agent.system, clock: agent.clock },
                ...{ folder: options.hooks, signal: signalFor[moment] },
              })
            : []
        const before = await hook('before')
        const backUp = (flags?: string) => {
          const label = [options.label, flags].filter(one => one !== undefined).join('; ')
          return runBackup(agent, {
            ...{ session: link.session, orders: link.obedience, signal },
            ...{ seenTrust: link.trust.document.version, checkpointMs: minutes * 60_000 },
            ...(local && { local }),
            ...(label !== '' && { label }),
            onProgress(now) {
              agent.owner.answer({ doing: 'backup', ...now })
              progress.show(now)
            },
          })
        }
        const backingUp = local === undefined ? singleBackup(agent, link.obedience, backUp) : backUp()
        const outcome = await told(agent, link, backingUp).finally(async () =>
          before.push(...(await hook('after'))),
        )
        return { ...outcome, alarms: [...before, ...outcome.alarms] }
      }).finally(progress.end)
      report(outcome, options, terminal)
    })
}

/** The same, and the collector hears how it went. */
async function told(
  agent: Agent,
  link: MemberLink,
  backingUp: Promise<BackupOutcome>,
): Promise<BackupOutcome> {
  try {
    const outcome = await backingUp
    await sayLastWord(agent, link, { outcome })
    return outcome
  } catch (error) {
    await sayLastWord(agent, link, { error })
    throw error
  }
}

function report(outcome: ToldOutcome, options: Options, terminal: Terminal): void {
  for (const { message } of outcome.alarms) terminal.say(`warning: ${message}`)
  terminal.print(options.json ? JSON.stringify(jsonOf(outcome)) : textOf(outcome))
  const isFlagged = outcome.alarms.some(({ code }) => code === 'root_flagged')
  if (outcome.unread.size > 0 || isFlagged) throw new ExitCode(exitCodes.incomplete)
}

/** Undefined when no `backstay-agent run` owns the state folder. */
async function askRunning(
  state: string,
  onProgress: (now: BackupProgress) => void,
): Promise<ToldOutcome | undefined> {
  const status = await askOwner(state, { ask: 'status' })
  if (typeof status !== 'object' || status === null || !('doing' in status) || status.doing !== 'run')
    return undefined
  const told = await askOwner(
    state,
    { ask: 'backup' },
    {
      onProgress: now => onProgress({ entries: 0, readBytes: 0, sentBytes: 0, ...(now as object) }),
    },
  )
  return told === undefined ? undefined : toldOutcome(told)
}

/** Folders given by hand must be there: one that a policy names may be gone and is reported instead. */
function localRoots(roots: readonly string[], excludes: readonly string[]): RunBackupOptions['local'] {
  if (roots.length === 0 && excludes.length > 0) {
    throw new Failure('no_roots', '--exclude goes with folders given by hand', {
      hint: 'name the folders too: backstay-agent backup FOLDER --exclude PATTERN',
    })
  }
  const paths = roots.map(typedPath)
  for (const [index, path] of paths.entries()) {
    if (lstatSync(Buffer.from(path), { throwIfNoEntry: false }) !== undefined) continue
    throw new Failure('no_such_root', `"${roots[index]}" is not there`, { hint: 'name a folder that exists' })
  }
  return paths.length === 0 ? undefined : { roots: paths, excludes }
}

function wholeMinutes(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text)
  throw new Failure('bad_number', `--checkpoint-minutes takes a whole number above 0, not "${text}"`)
}

function jsonOf(outcome: ToldOutcome): unknown {
  const { sequence, commit, built, changed, readBytes, sentObjects, sentBytes } = outcome
  const unread = Object.fromEntries(outcome.unread)
  const roots = outcome.roots.map(nameText)
  const alarms = outcome.alarms.map(alarm => alarm.message)
  const { entries, bytes } = built
  return {
    sequence,
    commit,
    roots,
    entries,
    bytes,
    changed,
    readBytes,
    sentObjects,
    sentBytes,
    unread,
    alarms,
  }
}

function textOf(outcome: ToldOutcome): string {
  const { sequence, built, changed, sentBytes, unread } = outcome
  const lines = [
    `snapshot #${sequence}: ${built.entries} entries, ${bytesText(built.bytes)}; ${changed} new or changed, ${bytesText(sentBytes)} sent`,
  ]
  if (unread.size > 0) {
    const reasons = [...unread].map(([reason, count]) => `${count} ${reason}`).join(', ')
    lines.push(`not read: ${reasons}`, `list them with: backstay-agent ls --unread --at "#${sequence}"`)
  }
  return lines.join('\n')
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
