/**
 * A service worker that turns bytes which the page makes into a download of any size. It answers only addresses that it was told
 * of a moment before, each once; everything else goes its usual way.
 */
interface Expected {
  readonly port: MessagePort
  readonly name: string
  readonly bytes: number | undefined
}

interface WorkerScope {
  readonly registration: ServiceWorkerRegistration
  addEventListener(type: string, heard: (event: never) => void): void
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
}

interface Extended {
  waitUntil(work: Promise<unknown>): void
}

/** Made ahead of what the browser takes. */
const aheadBytes = 4 * 1024 * 1024

const scope = self as unknown as WorkerScope
const expected = new Map<string, Expected>()

scope.addEventListener('install', () => void scope.skipWaiting())
scope.addEventListener('activate', (event: Extended) => event.waitUntil(scope.clients.claim()))

scope.addEventListener('message', ({ data, ports, source }: MessageEvent) => {
  const { address, name } = data as { address?: string; name?: string }
  const [port] = ports
  // Without an address it is a sign of life, which keeps this worker from being ended while bytes flow.
  if (address === undefined || name === undefined || port === undefined) return
  expected.set(address, { port, name, bytes: undefined })
  source?.postMessage({ ready: address })
})

scope.addEventListener(
  'fetch',
  (event: Event & { request: Request; respondWith(answer: Response): void }) => {
    const download = expected.get(event.request.url)
    if (download === undefined) return
    expected.delete(event.request.url)
    event.respondWith(answerWith(download))
  },
)

function answerWith({ port, name }: Expected): Response {
  let arrived: () => void = () => undefined
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        port.onmessage = ({ data }: MessageEvent<{ pieces?: readonly Uint8Array[]; failed?: string }>) => {
          if (data.pieces === undefined) controller.error(new Error(data.failed))
          else if (data.pieces.length === 0) controller.close()
          else for (const piece of data.pieces) controller.enqueue(piece)
          arrived()
        }
      },
      // One question at a time: what comes must come in order.
      pull() {
        port.postMessage('pull')
        return new Promise<void>(resolve => {
          arrived = resolve
        })
      },
      cancel: () => port.postMessage('cancel'),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: aheadBytes }),
  )
  const encoded = encodeURIComponent(name).replace(/['()*]/g, one => `%${one.charCodeAt(0).toString(16)}`)
  return new Response(body, {
    headers: {
      'content-type': 'application/zip',
      'content-disposition': `attachment; filename*=UTF-8''${encoded}`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  })
}
