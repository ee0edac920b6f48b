/**
 * Puts frames on the secure stream, as WebSocket messages (RFC 6455 §5.2). The `ws` package could do it, but it gives the
 * stream header and data as two buffers at once, and for that Node's TLS copies all of it: an object then costs four
 * times the CPU (docs/performance.md). So one buffer is written at a time, small frames together in one, an object as it
 * is. Everything else that `ws` sends (ping, pong, close) must wait for the gap between two frames.
 */
import { type Bytes, concat } from '../bytes.ts'
import { release } from '../release.ts'
import { bell } from './bell.ts'
import { type FrameBytes, frameLength } from './outline.ts'

export interface WritableStream {
  write(chunk: Bytes, written: (error?: Error | null) => void): boolean
}

export interface FrameWriter {
  /** Of frames that are not written yet. */
  readonly bytes: number
  /** `given`: its memory is freed when it is written. */
  push(frame: FrameBytes, given?: boolean): void
  /** Runs when no frame is half written. */
  between(deed: () => void): void
  /** Resolves when the next bytes are written, or nothing more will be. */
  progress(signal?: AbortSignal): Promise<void>
  /** Drops what waits. */
  stop(): void
}

interface Waiting {
  readonly frame: FrameBytes
  readonly given: boolean
}

/**
 * Written at once, then waited for. Each such piece that leaves us is a sign of life, so a link of 35 kbit/s is not taken
 * for a dead one.
 */
const pieceBytes = 256 * 1024
/** Small frames go together up to this size. */
const togetherBytes = 64 * 1024

/** `masked`: what a client sends. The mask is of zeros: it protects proxies that read plain text, and this is inside TLS. */
export function frameWriter(
  stream: WritableStream,
  masked: boolean,
  told: { wrote(): void; failed(): void },
): FrameWriter {
  const moved = bell()
  let waiting: (Waiting | (() => void))[] = []
  let bytes = 0
  let running = false
  let stopped = false

  function write(piece: Bytes): Promise<boolean> {
    return new Promise(resolve => {
      stream.write(piece, error => {
        if (!error) told.wrote()
        resolve(!error)
      })
    })
  }

  async function run(): Promise<void> {
    running = true
    while (waiting.length > 0 && !stopped) {
      const { small, object, given, length } = nextWrite()
      let good = small.length === 0 || (await write(small))
      for (let at = 0; good && object !== undefined && at < object.length && !stopped; at += pieceBytes) {
        good = await write(object.subarray(at, at + pieceBytes))
      }
      if (good && given && object !== undefined) release(object)
      bytes -= length
      moved.ring()
      if (good || stopped) continue
      stop()
      told.failed()
    }
    running = false
  }

  /** Small frames that follow one another, up to the first object, or a deed and nothing else. */
  function nextWrite(): {
    readonly small: Bytes
    readonly object: Bytes | undefined
    readonly given: boolean
    readonly length: number
  } {
    const parts: Bytes[] = []
    let length = 0
    let count = 0
    for (const next of waiting) {
      if (typeof next === 'function') {
        if (count > 0) break
        waiting.shift()
        next()
        return { small: new Uint8Array(), object: undefined, given: false, length: 0 }
      }
      const { frame, given } = next
      const [head = new Uint8Array(), object] = frame
      if (count > 0 && length + frameLength(frame) > togetherBytes && object === undefined) break
      count++
      length += frameLength(frame)
      parts.push(messageHead(head.length, object === undefined, true, masked), head)
      if (object === undefined) continue
      parts.push(messageHead(object.length, true, false, masked))
      waiting = waiting.slice(count)
      return { small: concat(...parts), object, given, length }
    }
    waiting = waiting.slice(count)
    return { small: concat(...parts), object: undefined, given: false, length }
  }

  function start(): void {
    if (!running && !stopped) void run()
  }

  function stop(): void {
    stopped = true
    waiting = []
    moved.ring()
  }

  return {
    get bytes() {
      return bytes
    },
    push(frame, given = false) {
      if (stopped) return
      waiting.push({ frame, given })
      bytes += frameLength(frame)
      start()
    },
    between(deed) {
      if (stopped) return
      waiting.push(deed)
      start()
    },
    progress: signal => (stopped ? Promise.resolve() : moved.wait(signal)),
    stop,
  }
}

const binary = 0x02
const continuation = 0x00
const finalBit = 0x80
const maskBit = 0x80

/** RFC 6455 §5.2. `last`: of the message; `first`: of the message. */
function messageHead(length: number, last: boolean, first: boolean, masked: boolean): Bytes {
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = new Uint8Array(2 + lengthBytes + (masked ? 4 : 0))
  const view = new DataView(head.buffer)
  head[0] = (last ? finalBit : 0) | (first ? binary : continuation)
  head[1] = (masked ? maskBit : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127)
  if (lengthBytes === 2) view.setUint16(2, length)
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length))
  return head
}
