/** A download of any size whose bytes this page makes: a service worker gives them to the browser as they come. */
import { Failure } from '@backstay/proto/failure'
import { ownScript } from '../keys/own-scripts.ts'
import downloadWorker from './download-worker.ts?worker&url'

/** A browser ends a service worker that heard nothing for half a minute. */
const aliveMs = 10_000
const readyMs = 10_000

/** Begins the download; the bytes are asked for through the port that is returned. Throws `no_downloads`. */
export async function beginDownload(name: string): Promise<{ readonly port: MessagePort; end(): void }> {
  const worker = await activeWorker()
  const { port1, port2 } = new MessageChannel()
  // Below the folder of the worker's own file, which is as far as it may answer.
  const address = new URL(`/assets/download/${crypto.randomUUID()}`, location.href).href
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(noDownloads()), readyMs)
    const heard = ({ data }: MessageEvent) => {
      if ((data as { ready?: string }).ready !== address) return
      clearTimeout(timer)
      navigator.serviceWorker.removeEventListener('message', heard)
      resolve()
    }
    navigator.serviceWorker.addEventListener('message', heard)
    navigator.serviceWorker.startMessages()
  })
  worker.postMessage({ address, name }, [port1])
  await ready
  // Answered as an attachment, so the page stays. A link with `download` would pass by the service worker.
  location.assign(address)
  const alive = setInterval(() => worker.postMessage({}), aliveMs)
  return { port: port2, end: () => clearInterval(alive) }
}

async function activeWorker(): Promise<ServiceWorker> {
  if (!('serviceWorker' in navigator)) throw noDownloads()
  const registration = await navigator.serviceWorker
    .register(ownScript(downloadWorker), { scope: '/assets/' })
    .catch(cause => {
      throw noDownloads(cause)
    })
  const worker = registration.active ?? registration.waiting ?? registration.installing
  if (worker === null) throw noDownloads()
  await new Promise<void>(resolve => {
    const look = () => {
      if (worker.state === 'activated') resolve()
    }
    worker.addEventListener('statechange', look)
    look()
  })
  return worker
}

function noDownloads(cause?: unknown): Failure {
  return new Failure('no_downloads', 'this browser does not let the page make a download', {
    hint: 'use a current browser with the address as it was printed, or: backstay restore DEVICE PATH --to DIR',
    cause,
  })
}
