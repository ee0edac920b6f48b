/**
 * A proxy at the far end of a slow link: what passes through is late, comes no faster than the link carries, and stops when
 * the link is cut. It needs no rights; loss of packets is beyond it, since it sees streams (docs/performance.md has a link with loss).
 */
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

export interface SlowProxy extends AsyncDisposable {
  readonly url: string
  /** Bytes that came out at the far end of the way up. */
  readonly carriedUp: number
  /** Whether something that was sent since the link was cut has not come out. */
  readonly hasLost: boolean
  /** Silently: nobody is told, nothing passes, and what is on the way is lost. */
  cut(): void
  mend(): void
  /** All connections are reset. */
  breakAll(): void
}

export interface SlowLink {
  readonly delayMs: number
  /** Each way. */
  readonly bytesPerSecond: number
}

/** What waits for its turn and what is on the way, together. */
const queueBytes = 512 * 1024

export async function slowProxy(link: SlowLink): Promise<SlowProxy> {
  const sockets = new Set<Duplex>()
  let isCut = false
  let carriedUp = 0
  const server = createServer()
  server.on('connect', (request, near: Duplex, head: Buffer) => {
    const [host = '', port = '0'] = (request.url ?? '').split(':')
    const far = connect(Number(port), host)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    far.once('connect', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      near.unshift(head)
      carry(near, far, bytes => {
        carriedUp += bytes
      })
      carry(far, near, () => undefined)
    })
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const lost = new Set<Duplex>()
  function carry(from: Duplex, to: Duplex, carried: (bytes: number) => void): void {
    let freeMs = 0
    let waiting = 0
    let before = Promise.resolve()
    from.on('data', (part: Buffer) => {
      const nowMs = performance.now()
      freeMs = Math.max(freeMs, nowMs) + (part.length / link.bytesPerSecond) * 1000
      const arrivesMs = freeMs + link.delayMs
      waiting += part.length
      if (waiting > queueBytes) from.pause()
      before = before.then(async () => {
        await delay(Math.max(0, arrivesMs - performance.now()))
        waiting -= part.length
        if (waiting <= queueBytes) from.resume()
        // A stream with a hole is none: once something was lost nothing follows, until both ends give up.
        if (isCut) lost.add(to)
        if (lost.has(to) || to.destroyed) return
        carried(part.length)
        to.write(part)
      })
    })
  }

  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${port}`,
    get carriedUp() {
      return carriedUp
    },
    get hasLost() {
      return lost.size > 0
    },
    cut() {
      isCut = true
    },
    mend() {
      isCut = false
    },
    breakAll,
    async [Symbol.asyncDispose]() {
      breakAll()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
