import { hex } from '@backstay/proto/bytes'
import { Command } from 'commander'
import { type Collector, startCollector } from '../collector.ts'
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
  await using collector = await startCollector({ ...settings, log, signal })
  const { port, host, urls } = collector
  log.info({ host, port, urls, fleet: collector.fleet }, 'collector started')
  print(flags.json === true ? JSON.stringify(startedJson(collector)) : startedText(settings.data, collector))
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await collector.close()
  log.info('collector stopped')
  if (flags.json === true) print(JSON.stringify({ event: 'stopped' }))
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
