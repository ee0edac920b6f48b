/** A page on loopback under the policy that the console is served with: its own script, its own origin, nothing else. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { contentSecurityPolicy } from '@backstay/proto/rest/security-headers'

const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', json: 'application/json' }

export interface Served {
  readonly body: string | Uint8Array
  readonly type: keyof typeof types
}

export interface PageServer extends AsyncDisposable {
  readonly url: string
}

/** `files`: by path. */
export async function servePage(files: ReadonlyMap<string, Served>): Promise<PageServer> {
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '')
    response.setHeader('content-security-policy', contentSecurityPolicy)
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    if (file === undefined) {
      response.writeHead(404).end()
    } else {
      response.setHeader('content-type', types[file.type])
      response.end(file.body)
    }
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', resolve)
  await promise
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
}
