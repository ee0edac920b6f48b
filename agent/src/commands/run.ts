import { Failure } from '@backstay/proto/failure'
import type { Command } from 'commander'
import { openAgent } from '../agent.ts'
import { jsonLog } from '../service/log.ts'
import { continuous, type Manners, type Schedule, usualManners } from '../service/schedule.ts'
import { parseDuration, parseWindow } from '../service/schedule-text.ts'
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
}

export function addRun(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('run'))
    .description('protect this device for as long as it runs: seconds after each change, or by a schedule')
    .option('--every <duration>', 'back up this often instead, for example 30m')
    .option(
      '--window <times>',
      'back up once in each window instead, "Mon-Fri 20:00-06:00" (repeatable)',
      collect,
      [],
    )
    .option('--no-catch-up', 'leave out windows that were slept through')
    .option('--battery-min <percent>', 'start nothing on battery below this (default: 15)')
    .option('--on-metered', 'also over networks that are paid by the byte')
    .option('--rate <kib>', 'send at most so many KiB a second')
    .action(async (options: Options) => {
      const rules = { schedule: scheduleOf(options), manners: mannersOf(options) }
      const background = await loadBackground()
      await using agent = await openAgent(stateOf(options))
      const stop = new AbortController()
      const end = () => stop.abort(new Error('told to end'))
      process.once('SIGTERM', end)
      process.once('SIGINT', end)
      const log = jsonLog(terminal.say, agent.clock.now)
      await runService(agent, { rules, background, log }, stop.signal)
    })
}

function scheduleOf({ every, window, catchUp }: Options): Schedule {
  if (every !== undefined && window.length > 0) {
    throw new Failure('bad_schedule', '--every and --window exclude one another', {
      hint: 'name one of them',
    })
  }
  if (window.length > 0) return { kind: 'windows', windows: window.map(parseWindow), catchUp }
  return every === undefined ? continuous : { kind: 'every', everyMs: parseDuration(every) }
}

function mannersOf({ batteryMin, onMetered = false, rate }: Options): Manners {
  const batteryPercentMin =
    batteryMin === undefined ? usualManners.batteryPercentMin : wholeNumber('--battery-min', batteryMin, 100)
  const kib = rate === undefined ? 0 : wholeNumber('--rate', rate, 10_000_000)
  const rates = kib === 0 ? [] : [{ bytesPerSecond: kib * 1024, window: undefined }]
  return { batteryPercentMin, onMetered, rates }
}

function wholeNumber(flag: string, text: string, most: number): number {
  if (/^\d{1,8}$/.test(text) && Number(text) <= most) return Number(text)
  throw new Failure('bad_number', `${flag} takes a whole number up to ${most}, not "${text}"`)
}

const collect = (value: string, before: readonly string[]) => [...before, value]
