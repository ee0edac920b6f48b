import { Failure } from '@backstay/proto/failure'
import { parseDuration, parseWindow } from '@backstay/proto/policy/schedule-text'
import type { Command } from 'commander'
import { openAgent } from '../agent.ts'
import { restoredElsewhere } from '../jobs/restored-place.ts'
import { hooksFolder } from '../policy/hooks.ts'
import { jsonLog } from '../service/log.ts'
import type { LocalRules } from '../service/rules.ts'
import { runService } from '../service/service.ts'
import { loadBackground } from '../system/load-background.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'
import type { Terminal } from './program.ts'

interface Options extends CommonOptions {
  readonly every?: string
  readonly window: readonly string[]
  readonly catchUp: boolean
  readonly batteryMin?: string
  readonly onMetered?: boolean
  readonly rate?: string
  readonly hooks: string
  readonly restored: string
}

const precedence = `
Which wins: what the policy sets. --every, --window and --on-metered count only where no layer of the policy says
otherwise; --battery-min and --rate can make the policy stricter, never looser. See it with: backstay-agent policy`

export function addRun(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('run'))
    .description('protect this device for as long as it runs, when and as its policy says')
    .option('--every <duration>', 'back up this often, for example 30m')
    .option(
      '--window <times>',
      'back up once in each window, "Mon-Fri 20:00-06:00" (repeatable)',
      collect,
      [],
    )
    .option('--no-catch-up', 'leave out windows that were slept through')
    .option('--battery-min <percent>', 'start nothing on battery below this (default: 15)')
    .option('--on-metered', 'also over networks that are paid by the byte')
    .option('--rate <kib>', 'send at most so many KiB a second')
    .option('--hooks <dir>', 'where root puts the hooks that a policy names', hooksFolder)
    .option('--restored <dir>', "where an admin's jobs restore what lies in nobody's home", restoredElsewhere)
    .addHelpText('after', precedence)
    .action(async (options: Options) => {
      const local = localRules(options)
      const background = await loadBackground()
      await using agent = await openAgent(stateOf(options))
      const stop = new AbortController()
      const end = () => stop.abort(new Error('told to end'))
      process.once('SIGTERM', end)
      process.once('SIGINT', end)
      const log = jsonLog(terminal.say, agent.clock.now)
      const { hooks, restored } = options
      await runService(agent, { local, hooks, restored, background, log }, stop.signal)
    })
}

/** Mistakes are found before anything starts. */
function localRules({ every, window, catchUp, batteryMin, onMetered, rate }: Options): LocalRules {
  if (every !== undefined && window.length > 0) {
    throw new Failure('bad_schedule', '--every and --window exclude one another', {
      hint: 'name one of them',
    })
  }
  const windows = { kind: 'windows', windows: window.map(parseWindow), catchUp } as const
  const interval =
    every === undefined ? undefined : ({ kind: 'every', everyMs: parseDuration(every) } as const)
  const kib = rate === undefined ? 0 : wholeNumber('--rate', rate, 10_000_000)
  return {
    schedule: window.length > 0 ? windows : interval,
    batteryPercentMin: batteryMin === undefined ? undefined : wholeNumber('--battery-min', batteryMin, 100),
    onMetered,
    bytesPerSecond: kib === 0 ? undefined : kib * 1024,
  }
}

function wholeNumber(flag: string, text: string, most: number): number {
  if (/^\d{1,8}$/.test(text) && Number(text) <= most) return Number(text)
  throw new Failure('bad_number', `${flag} takes a whole number up to ${most}, not "${text}"`)
}

const collect = (value: string, before: readonly string[]) => [...before, value]
