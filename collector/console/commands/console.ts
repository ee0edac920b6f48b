/** `backstay console`: the pages on this machine, with the admin's own key. */
import { join } from 'node:path'
import { ownPages } from '@backstay/agent/local-page/own-pages'
import { Failure } from '@backstay/proto/failure'
import { verifyTrustHistory } from '@backstay/proto/trust/trust'
import { Command } from 'commander'
import { adminFolder, adminFolderPath } from '../admin-folder.ts'
import { collectorProxy } from '../local/collector-proxy.ts'
import { serveLocalConsole } from '../local/local-console.ts'
import { pinnedRequests } from '../local/pinned-requests.ts'
import type { Surroundings } from '../surroundings.ts'

interface ConsoleOptions {
  readonly admin?: string
  readonly port: string
  readonly json?: boolean
}

const pages = ownPages('console', join(import.meta.dirname, '../web/dist'))

export function consoleCommand(around: Surroundings): Command {
  return new Command('console')
    .description('open the console in a browser on this machine; your key stays here')
    .option('--admin <dir>', "the admin's folder (default: ~/.config/backstay, or BACKSTAY_ADMIN)")
    .option('--port <number>', 'where to listen on 127.0.0.1, 0 = any free one', '0')
    .option('--json', 'print the address as JSON')
    .action((options: ConsoleOptions) => openConsole(around, options))
}

async function openConsole(around: Surroundings, options: ConsoleOptions): Promise<void> {
  const { terminal, primitives, signal } = around
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Failure('bad_port', `"${options.port}" is no port`, { hint: 'a number from 0 to 65535' })
  const folder = adminFolder(primitives, adminFolderPath(around, options.admin))
  const [known, keyFile] = [await folder.readFleet(), await folder.readKey()]
  if (known === undefined || keyFile === undefined) {
    throw new Failure('no_admin', `"${folder.path}" is no admin's folder`, {
      hint: 'name yours with --admin DIR, or found a fleet with: backstay init --setup STRING',
    })
  }
  const { fleet, chain, urls } = known
  const trust = (await verifyTrustHistory(primitives, chain, fleet)).at(-1)
  const pins = trust?.document.collectors.flatMap(one => one.spkiPins) ?? []
  const proxy = collectorProxy({ urls, requests: pinnedRequests(pins) })
  await using served = await serveLocalConsole({
    ...{ pages, proxy, port },
    keys: { fleet, chain, keyFile, keyName: folder.keyFile, urls },
  })
  if (options.json) terminal.print(JSON.stringify({ url: served.url }))
  else {
    terminal.say('open this address in a browser on this machine; it is good for one visit:')
    terminal.print(served.url)
    terminal.say('the console ends with Ctrl+C')
  }
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
