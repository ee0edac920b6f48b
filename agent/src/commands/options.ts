/** Options that all commands of the agent share, and paths as they are typed. */
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { whenToldToEnd } from '@backstay/proto/command-line'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import type { Path } from '@backstay/proto/content/map/key'
import { Failure } from '@backstay/proto/failure'
import type { Command } from 'commander'
import { type Agent, agentVersion, defaultState, openAgent } from '../agent.ts'
import { connectMemberLink, type MemberLink } from '../link/member.ts'
import { policyAlarms } from '../policy/alarms.ts'

export interface CommonOptions {
  readonly state?: string
  readonly json?: boolean
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--state <dir>', 'the state folder (default: $BACKSTAY_STATE, or the place for this user)')
    .option('--json', 'print the result as JSON')
}

export const stateOf = (options: CommonOptions): string => options.state ?? defaultState()

/**
 * An absolute path from what was typed, relative to the current folder. Windows takes `c:\users` for `C:\Users`, and a
 * snapshot does not: as far as it is there, it is named as the disk names it.
 */
export function typedPath(text: string): Bytes {
  if (text === '')
    throw new Failure('empty_path', 'a path is empty', { hint: 'for the current folder say: .' })
  const path = resolve(text)
  if (process.platform !== 'win32') return utf8(path)
  for (let above = path, below = ''; ; below = join(basename(above), below), above = dirname(above)) {
    if (existsSync(above)) return utf8(join(realpathSync.native(above), below))
    if (dirname(above) === above) return utf8(path)
  }
}

export const typedComponents = (text: string): Path => componentsOf(typedPath(text))

/**
 * Opens the agent and a session, and closes both when `work` is done. Alarms go to standard error. `work` changes nothing
 * in the state folder: it may run beside a backup and beside `backstay-agent run`.
 */
export function withReadingSession<T>(
  options: CommonOptions,
  say: (text: string) => void,
  work: (agent: Agent, link: MemberLink, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withSession(options, say, work, true)
}

/** The same for work that owns the state folder. */
export async function withSession<T>(
  options: CommonOptions,
  say: (text: string) => void,
  work: (agent: Agent, link: MemberLink, signal: AbortSignal) => Promise<T>,
  reading = false,
): Promise<T> {
  await using agent = await openAgent(stateOf(options), { reading })
  const stop = new AbortController()
  using _ = whenToldToEnd(() => stop.abort(new Error('interrupted')))
  await using link = await connectMemberLink({
    ...agent,
    keeps: !reading,
    software: `backstay-agent ${agentVersion}`,
    signal: stop.signal,
  })
  const alarms = [...link.alarms, ...policyAlarms(link.obedience, agent.clock.now())]
  for (const { message } of alarms) say(`warning: ${message}`)
  return await work(agent, link, stop.signal)
}
