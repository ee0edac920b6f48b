/** Options that all commands of the agent share. */
import { whenToldToEnd } from '@backstay/proto/command-line'
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
