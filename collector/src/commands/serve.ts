import { hex } from '@backstay/proto/bytes'
import { systemClock } from '@backstay/proto/system-clock'
import { Command } from 'commander'
import { type Collector, type CollectorOptions, startCollector } from '../collector.ts'
import { openLog } from '../log.ts'
import { type Flags, readSettings, withSettings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

export function serveCommand(around: Surroundings): Command {
  const command = new Command('serve')
    .description('take backups from agents until stopped; the log goes to standard error')
    .option('--json', 'print what happened as JSON, one line each')
  const names = [
    'data',
    'listen',
    'url',
    'handshakesPerMinute',
    'reserve',
    'collectHours',
    'scrubDays',
    'webListen',
    'webCert',
    'webKey',
    'webName',
    'oidcIssuer',
    'oidcClient',
    'oidcSecretFile',
    'oidcRole',
    'releaseKey',
    'logLevel',
  ] as const
  return withSettings(command, names).action((flags: Flags) => serve(flags, around))
}

async function serve(flags: Flags, around: Surroundings): Promise<void> {
  const { print, environment, signal } = around
  const settings = readSettings(flags, environment)
  const log = openLog(settings.logLevel, { write: line => around.say(line.trimEnd()) })
  let options: CollectorOptions = { ...settings, log, signal }
  while (!signal.aborted) {
    await using collector = await startCollector(options)
    const { port, host, urls, webPort, keysReplaced } = collector
    log.info({ host, port, urls, fleet: collector.fleet }, 'collector started')
    print(
      flags.json === true ? JSON.stringify(startedJson(collector)) : startedText(settings.data, collector),
    )
    await aborted(AbortSignal.any([signal, keysReplaced]))
    if (keysReplaced.aborted && !signal.aborted) {
      log.info('owners replaced the keys of this collector; it starts again with the new ones')
      await answered(signal)
    }
    await collector.close()
    // Where it was found before it must be found again.
    options = { ...options, port, web: options.web && { ...options.web, port: webPort ?? options.web.port } }
  }
  log.info('collector stopped')
  if (flags.json === true) print(JSON.stringify({ event: 'stopped' }))
}

/** What is on its way when the keys change: the answer to the owner, and the new Trust to the devices that are here. */
const answersMs = 2_000

function answered(signal: AbortSignal): Promise<void> {
  return systemClock.sleep(answersMs, signal).catch(() => undefined)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function startedJson(collector: Collector): object {
  const { host, port, urls, spkiPin, fleet, setup, signInCode, webPort } = collector
  return { event: 'started', host, port, urls, pin: hex(spkiPin), fleet, setup, signInCode, webPort }
}

function startedText(data: string, { host, port, urls, fleet, setup, signInCode }: Collector): string {
  const listening = `listening on ${host.includes(':') ? `[${host}]` : host}:${port}, data in ${data}`
  const agents = `agents find this collector at ${urls.join(' ')}`
  const page =
    signInCode === undefined
      ? []
      : [
          '',
          'nobody can sign in to its page yet; whoever opens it first needs this code, good for once:',
          '',
          `  ${signInCode}`,
        ]
  if (setup === undefined) return [listening, agents, `it serves fleet ${fleet}`, ...page].join('\n')
  return [
    listening,
    agents,
    'it serves no fleet yet; to found one, run on your own machine:',
    '',
    '  backstay init',
    '',
    'and give it this line, which is secret and good for once:',
    '',
    setup,
    ...page,
  ].join('\n')
}
