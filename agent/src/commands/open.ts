import { type Terminal, whenToldToEnd } from '@backstay/proto/command-line'
import { Failure } from '@backstay/proto/failure'
import type { Command } from 'commander'
import { openAgent } from '../agent.ts'
import { serveEmployeePage } from '../local-page/employee-page.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'

/** A page that was left open must not hold this device's keys over the weekend. */
const idleMinutesUsual = 30

interface Options extends CommonOptions {
  readonly port: string
}

export function addOpen(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('open'))
    .description('show in a browser on this machine how it is protected, and give files back')
    .option('--port <number>', 'where to listen on 127.0.0.1, 0 = any free one', '0')
    .action(async (options: Options) => {
      const port = portOf(options.port)
      await using agent = await openAgent(stateOf(options), { reading: true })
      const stop = new AbortController()
      using _ = whenToldToEnd(() => stop.abort(new Error('interrupted')))
      await using page = await serveEmployeePage(agent, { port, idleMs: idleMinutesUsual * 60_000 })
      if (options.json) terminal.print(JSON.stringify({ url: page.url }))
      else {
        terminal.say('open this address in a browser on this machine; it is good for one visit:')
        terminal.print(page.url)
        terminal.say(`the page ends with Ctrl+C, or when nobody used it for ${idleMinutesUsual} minutes`)
      }
      await page.idle(stop.signal).catch(error => {
        if (!stop.signal.aborted) throw error
      })
    })
}

function portOf(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new Failure('bad_port', `"${text}" is no port`, { hint: 'a number from 0 to 65535' })
}
