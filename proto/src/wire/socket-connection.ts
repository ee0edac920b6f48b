/**
 * A Connection over a WebSocket. Agent and collector open their sockets each in their own way and wrap them here, so
 * that limits, backpressure and the watch for dead links are the same on both ends.
 */
import type { Bytes } from '../bytes.ts'
import type { Clock } from '../clock.ts'
import { Failure } from '../failure.ts'
import { frameQueue } from './frame-queue.ts'
import { frameWriter, type WritableStream } from './frame-writer.ts'
import { pingMs, silenceMs, strangerBytesMax, strangerFrameBytesMax } from './limits.ts'
import { type FrameBytes, frameLength } from './outline.ts'
import type { Connection } from './transport.ts'

/** The part of the `ws` package's WebSocket that we use; `autoPong` must be off. */
export interface Socket {
  binaryType: string
  ping(): void
  pong(data: Bytes): void
  pause(): void
  resume(): void
  close(code: number, reason: string): void
  terminate(): void
  on(event: string, listener: (...args: unknown[]) => void): unknown
}

/** The secure stream below the WebSocket. */
export interface Stream extends WritableStream {
  on(event: 'data', listener: (chunk: Bytes) => void): unknown
  off(event: 'data', listener: (chunk: Bytes) => void): unknown
}

export interface SocketConnectionOptions {
  readonly socket: Socket
  readonly stream: Stream
  /** Which end we are: a client masks what it sends. */
  readonly end: 'client' | 'server'
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
/** Pings that wait for their pong to be sent; beyond it somebody plays with us. */
const pongsMax = 16
const normalClose = 4000

export function socketConnection(options: SocketConnectionOptions): Connection {
  const { socket, stream, clock, channelBinding, remote } = options
  const queue = frameQueue()
  const failed = () => end(linkCut('it could not be written'))
  const writer = frameWriter(stream, options.end === 'client', { wrote: heard, failed })
  const ended = new AbortController()
  let frameBytesMax = strangerFrameBytesMax
  let strangerBytes = 0
  let heardAt = clock.monotonic()
  let paused = false
  let pongs = 0

  function heard(): void {
    heardAt = clock.monotonic()
  }
  const end = (failure?: Failure) => {
    queue.end(failure)
    ended.abort()
  }
  const cut = (failure: Failure) => {
    end(failure)
    writer.stop()
    socket.terminate()
  }
  const countStranger = (chunk: Bytes) => {
    strangerBytes += chunk.length
    if (strangerBytes > strangerBytesMax) cut(tooLarge('all frames before admission', strangerBytes))
  }

  // The parts of a message as the other end wrote them: an object in one piece, never copied together.
  socket.binaryType = 'fragments'
  stream.on('data', heard)
  stream.on('data', countStranger)
  socket.on('ping', data => {
    if (++pongs > pongsMax) return cut(linkCut('the other end sent too many pings'))
    writer.between(() => {
      pongs--
      if (data instanceof Uint8Array && !ended.signal.aborted) socket.pong(data)
    })
  })
  socket.on('message', (data, isBinary) => {
    if (!isBinary || !Array.isArray(data)) return cut(linkCut('the other end sent text'))
    const frame = data.map(plain)
    if (frameLength(frame) > frameBytesMax) return cut(tooLarge('a frame', frameLength(frame)))
    queue.push(frame)
    if (paused || queue.bytes <= receiveBytesMax) return
    paused = true
    socket.pause()
  })
  socket.on('error', error => cut(failureOf(error)))
  socket.on('close', code => {
    writer.stop()
    end(code === 1006 ? linkCut('it ended without a word') : undefined)
  })
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
      if (silent >= every) writer.between(() => socket.ping())
    }
  }

  async function push(frame: FrameBytes, signal: AbortSignal | undefined, given: boolean): Promise<void> {
    if (ended.signal.aborted) throw linkCut('it has ended')
    writer.push(frame, given)
    while (!ended.signal.aborted && writer.bytes > sendBytesMax) await writer.progress(signal)
  }

  return {
    channelBinding,
    remote,
    send: (frame, signal) => push(frame, signal, false),
    give: (frame, signal) => push(frame, signal, true),
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
      writer.between(() => socket.close(normalClose, code))
    },
  }
}

/** Buffers of Node do not leak out. */
function plain(part: Bytes): Bytes {
  return new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
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
