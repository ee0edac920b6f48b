/** The composition root of the thread that holds the keys. */

import { Failure } from '@backstay/proto/failure'
import { webPrimitives } from '@backstay/proto/web'
import type { Wish } from '../../archive/basket.ts'
import { restLink } from '../../rest-link.ts'
import { type Answer, answerTo, type Call } from './calls.ts'
import { openers } from './openers.ts'
import openingWorker from './opening-worker.ts?worker&url'
import { ownScript } from './own-scripts.ts'
import { renewingRest } from './renewing-rest.ts'
import { openVault } from './vault.ts'
import type { ZipOutput } from './vault-answers.ts'
import { workerRest } from './worker-rest.ts'

const scope = self as unknown as Worker
/** How often the page hears how far a zip is. */
const tellMs = 200

const rest = renewingRest(workerRest, () => vault.signIn())
const link = restLink(rest, {
  sleep,
  onWaiting: isWaiting => scope.postMessage({ event: 'waiting', isWaiting }),
})
const opener = openers(() => new Worker(ownScript(openingWorker), { type: 'module' }))
const vault = openVault({ primitives: webPrimitives, rest: workerRest, link, opener, now: () => Date.now() })
const post = { postMessage: (answer: unknown) => scope.postMessage(answer) }

scope.onmessage = ({ data, ports }: MessageEvent<Call>) => {
  const [port] = ports
  const zip = (device: string, wishes: readonly Wish[]) => zipTo(data.call, device, wishes, port)
  void answerTo(post, { ...vault, zip }, data)
}

/** Bytes go out through the port, one answer for each question, so that they come as fast as they are taken. */
async function zipTo(
  call: number,
  device: string,
  wishes: readonly Wish[],
  port: MessagePort | undefined,
): Promise<unknown> {
  if (port === undefined) throw new Error('assertion failed: a zip needs a port')
  const report = Promise.withResolvers<unknown>()
  let toldAt = 0
  const told = (progress: unknown) => {
    if (performance.now() - toldAt < tellMs) return
    toldAt = performance.now()
    scope.postMessage({ call, told: progress } satisfies Answer)
  }
  const output = await vault.zip(device, wishes, told, report.resolve)
  port.onmessage = ({ data }: MessageEvent<'pull' | 'cancel'>) => {
    if (data === 'pull') void next(output)
    else {
      output.cancel()
      report.reject(new Failure('cancelled', 'the download was ended'))
    }
  }
  return report.promise

  async function next(zip: ZipOutput): Promise<void> {
    try {
      const pieces = await zip.pull()
      // What lies in memory of its own is handed over, the rest copied.
      const own = pieces.filter(one => one.byteLength === one.buffer.byteLength).map(one => one.buffer)
      port?.postMessage({ pieces }, [...new Set(own)])
    } catch (error) {
      port?.postMessage({ failed: error instanceof Error ? error.message : String(error) })
      report.reject(error)
    }
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}
