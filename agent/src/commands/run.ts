import { parse, resolve } from 'node:path'
import { type Terminal, whenToldToEnd } from '@backstay/proto/command-line'
import { Failure } from '@backstay/proto/failure'
import { parseDuration, parseWindow } from '@backstay/proto/policy/schedule-text'
import type { Command } from 'commander'
import { openAgent, surroundings } from '../agent.ts'
import { becomeMember } from '../enrolment/become-member.ts'
import { restoredElsewhere } from '../jobs/restored-place.ts'
import { ownState } from '../local/local.ts'
import { hooksFolder } from '../policy/hook-file.ts'
import { jsonLog } from '../service/log.ts'
import type { LocalRules } from '../service/rules.ts'
import { runService } from '../service/service.ts'
import { loadBackground } from '../system/load-background.ts'
import { settingsFolder } from '../system/settings-folder.ts'
import { keychainHelp, keychainOf } from './keychain-option.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'

interface Options extends CommonOptions {
  readonly every?: string
  readonly window?: readonly string[]
  readonly catchUp: boolean
  readonly batteryMin?: string
  readonly onMetered?: boolean
  readonly rate?: string
  readonly hooks: string
  readonly restored: string
  readonly tokenFile?: string
  readonly name?: string
  readonly endWithInput?: boolean
  readonly keychain?: string
}

const more = `
Which wins: what the policy sets. --every, --window and --on-metered count only where no layer of the policy says
otherwise; --battery-min and --rate can make the policy stricter, never looser. See it with: backstay-agent policy

A device that is not enrolled waits for a token and enrols itself. It looks, each minute and in this order, into
--token-file, systemd's credential backstay-token, $BACKSTAY_TOKEN_FILE, $BACKSTAY_TOKEN, and the file "token" in the
settings folder (${settingsFolder()}). A file is overwritten and removed when its token was used.`

export function addRun(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('run'))
    .description('protect this device for as long as it runs, when and as its policy says')
    .option('--every <duration>', 'back up this often, for example 30m')
    .option('--window <times>', 'back up once in each window, "Mon-Fri 20:00-06:00" (repeatable)', collect)
    .option('--no-catch-up', 'leave out windows that were slept through')
    .option('--battery-min <percent>', 'start nothing on battery below this (default: 15)')
    .option('--on-metered', 'also over networks that are paid by the byte')
    .option('--rate <kib>', 'send at most so many KiB a second')
    .option('--hooks <dir>', 'where root puts the hooks that a policy names', hooksFolder)
    .option('--restored <dir>', "where an admin's jobs restore what lies in nobody's home", restoredElsewhere)
    .option('--token-file <file>', 'where the enrolment token lies, of a device that is not enrolled')
    .option('--name <name>', 'what the fleet calls this device when it enrols (default: its host name)')
    .option('--end-with-input', 'end when standard input is closed, as a service host of Windows does it')
    .option('--keychain <kind>', keychainHelp)
    .addHelpText('after', more)
    .action(async (options: Options) => {
      const local = localRules(options)
      const background = await loadBackground()
      const state = resolve(stateOf(options))
      const [hooks, restored] = [resolve(options.hooks), resolve(options.restored)]
      const stop = new AbortController()
      const end = () => stop.abort(new Error('told to end'))
      using _ = whenToldToEnd(end)
      if (options.endWithInput) process.stdin.once('end', end).once('error', end).resume()
      const wanted = keychainOf(options)
      const around = surroundings(state, wanted)
      const log = jsonLog(terminal.say, around.clock.now)
      await using owner = await ownState(state)
      const { tokenFile, name } = options
      await becomeMember(around, { owner, tokenFile, name, keychain: wanted, log }, stop.signal)
      if (stop.signal.aborted) return
      // Whoever started it in some folder may remove it, or unmount what it lies on.
      process.chdir(parse(state).root)
      await using agent = await openAgent(state, { owner })
      await runService(agent, { local, hooks, restored, background, log }, stop.signal)
    })
}

/** Mistakes are found before anything starts. */
function localRules({ every, window = [], catchUp, batteryMin, onMetered, rate }: Options): LocalRules {
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

const collect = (value: string, before: readonly string[] = []) => [...before, value]
