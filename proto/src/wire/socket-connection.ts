/**
 * A Connection over a WebSocket. Agent and collector open their sockets each in their own way and wrap them here, so
 * that limits, backpressure and the watch for dead links are the same on both ends.
 */
import type { Bytes } from '../bytes.ts'
import type { Clock } from '../clock.ts'
import { Failure } from '../failure.ts'
import { bell } from './bell.ts'
import { frameQueue } from './frame-queue.ts'
import { pingMs, silenceMs, strangerBytesMax, strangerFrameBytesMax } from './limits.ts'
import type { Connection } from './transport.ts'

/** The part of the `ws` package's WebSocket that we use. */
export interface Socket {
  readonly bufferedAmount: number
  send(data: Bytes, options: { binary: true; fin: boolean }, sent: (error?: Error | null) => void): void
  ping(): void
  pause(): void
  resume(): void
  close(code: number, reason: string): void
  terminate(): void
  on(event: string, listener: (...args: unknown[]) => void): unknown
}

/** The secure stream below the WebSocket. */
export interface Stream {
  on(event: 'data', listener: (chunk: Bytes) => void): unknown
  off(event: 'data', listener: (chunk: Bytes) => void): unknown
}

export interface SocketConnectionOptions {
  readonly socket: Socket
  readonly stream: Stream
  readonly channelBinding: Bytes
  readonly remote: string
  readonly clock: Clock
  readonly pingMs?: number
  readonly silenceMs?: number
}

/** Waits in our memory to be sent; enough to keep the kernel busy while the next object is sealed. */
const sendBytesMax = 4 * 1024 * 1024
/** Arrived and not yet pulled; beyond it the socket is not read. */
const receiveBytesMax = 4 * 1024 * 1024
/**
 * A large frame is sent in fragments of this size. Each that leaves us is a sign of life, so a slow link (down to
 * 35 kbit/s) is not taken for a dead one.
 */
export const fragmentBytes = 256 * 1024
const normalClose = 4000

export function socketConnection(options: SocketConnectionOptions): Connection {
  const { socket, stream, clock, channelBinding, remote } = options
  const queue = frameQueue()
  const drained = bell()
  const ended = new AbortController()
  let frameBytesMax = strangerFrameBytesMax
  let strangerBytes = 0
  let heardAt = clock.monotonic()
  let paused = false

  const heard = () => {
    heardAt = clock.monotonic()
  }
  const end = (failure?: Failure) => {
    queue.end(failure)
    ended.abort()
    drained.ring()
  }
  const cut = (failure: Failure) => {
    end(failure)
    socket.terminate()
  }
  const countStranger = (chunk: Bytes) => {
    strangerBytes += chunk.length
    if (strangerBytes > strangerBytesMax) cut(tooLarge('all frames before admission', strangerBytes))
  }

  stream.on('data', heard)
  stream.on('data', countStranger)
  socket.on('pong', heard)
  socket.on('message', (data, isBinary) => {
    if (!isBinary || !(data instanceof Uint8Array)) return cut(linkCut('the other end sent text'))
    if (data.length > frameBytesMax) return cut(tooLarge('a frame', data.length))
    queue.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    if (paused || queue.bytes <= receiveBytesMax) return
    paused = true
    socket.pause()
  })
  socket.on('error', error => cut(failureOf(error)))
  socket.on('close', code => end(code === 1006 ? linkCut('it ended without a word') : undefined))
  void watch(ended.signal).catch(() => undefined)

  /** Ends a link from which nothing was heard for too long. While we do not read, silence is our own doing. */
  async function watch(signal: AbortSignal): Promise<void> {
    const { pingMs: every = pingMs, silenceMs: most = silenceMs } = options
    for (;;) {
      await clock.sleep(every, signal)
      const silent = clock.monotonic() - heardAt
      if (paused) continue
      if (silent >= most)
        return cut(linkCut(`nothing was heard from ${remote} for ${Math.round(silent / 1000)} s`))
      if (silent >= every) socket.ping()
    }
  }

  function sendFragments(frame: Bytes): void {
    for (let at = 0; at < frame.length || at === 0; at += fragmentBytes) {
      const fin = at + fragmentBytes >= frame.length
      socket.send(frame.subarray(at, at + fragmentBytes), { binary: true, fin }, error => {
        if (!error) heard()
        drained.ring()
      })
    }
  }

  return {
    channelBinding,
    remote,
    async send(frame, signal) {
      if (ended.signal.aborted) throw linkCut('it has ended')
      sendFragments(frame)
      while (!ended.signal.aborted && socket.bufferedAmount > sendBytesMax) await drained.wait(signal)
    },
    receive(signal) {
      return queue.pull(() => {
        if (!paused || queue.bytes > receiveBytesMax / 2) return
        paused = false
        heard()
        socket.resume()
      }, signal)
    },
    allow(frameBytes) {
      frameBytesMax = frameBytes
      stream.off('data', countStranger)
    },
    close(code = '') {
      if (ended.signal.aborted) return
      end()
      // A paused socket would never see the other end's closing frame.
      socket.resume()
      socket.close(normalClose, code)
    },
  }
}

function failureOf(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return tooLarge('a frame', undefined)
  return linkCut(error instanceof Error ? error.message : 'an error without a name', error)
}

function tooLarge(what: string, bytes: number | undefined): Failure {
  const size = bytes === undefined ? '' : ` (${bytes} bytes)`
  return new Failure('frame_too_large', `the other end sent more than it may: ${what}${size}`)
}

function linkCut(why: string, cause?: unknown): Failure {
  return new Failure('link_cut', `the link was cut: ${why}`, { remedy: 'retry', cause })
}
