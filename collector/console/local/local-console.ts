/**
 * The console on the admin's own machine: the page from this installation; the key file, which the page opens with the passphrase;
 * and the way to the collector.
 */
import type { ServerResponse } from 'node:http'
import { type LocalPage, serveLocalPage } from '@backstay/agent/local-page/local-page'
import { refuse } from '@backstay/agent/local-page/refuse'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { type PageFiles, pagePath } from '@backstay/proto/rest/page-files'
import type { CollectorProxy } from './collector-proxy.ts'

export interface LocalConsoleOptions {
  /** The built web app. */
  readonly pages: PageFiles
  readonly proxy: CollectorProxy
  /** 0 = any free one. */
  readonly port: number
  readonly keys: {
    readonly fleet: string
    readonly chain: readonly Bytes[]
    readonly keyFile: Bytes
    readonly keyName: string
    readonly urls: readonly string[]
  }
}

/** Throws `port_in_use`, `not_built`. */
export async function serveLocalConsole(options: LocalConsoleOptions): Promise<LocalPage> {
  const { pages, proxy, port } = options
  if ((await pages.read(pagePath)) === undefined) {
    throw new Failure('not_built', 'the pages of the console are not built here', {
      hint: 'in the folder of the program run: npm run build:console',
    })
  }
  const page = await serveLocalPage({
    files: pages,
    port,
    command: 'backstay console',
    cookieName: 'backstay-console',
    shape: text => text.replace('<head>', '<head><meta name="backstay-console" content="local">'),
    answer(path, request, response) {
      if (path.startsWith('/api/')) return proxy.pass(request, response)
      if (path === '/local/v1/keys') return sendKeys(options, response)
      refuse(response, 404, 'unknown_route', 'there is no such thing here')
    },
  })
  return {
    ...page,
    async [Symbol.asyncDispose]() {
      proxy.close()
      await page[Symbol.asyncDispose]()
    },
  }
}

function sendKeys({ keys }: LocalConsoleOptions, response: ServerResponse): void {
  const body = {
    ...keys,
    chain: keys.chain.map(one => one.toBase64()),
    keyFile: keys.keyFile.toBase64(),
  }
  response
    .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
}
