/**
 * The seam under the protocol: something that carries frames both ways. Implementations: WebSocket over pinned TLS
 * (agent and collector), and a pair in memory (memory-transport.ts). transport.conformance.ts tests these promises.
 */
import type { Bytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import type { FrameBytes } from './outline.ts'

export interface Connection {
  /** 32 bytes that are equal at both ends of one secure channel and differ between any two channels (RFC 9266). */
  readonly channelBinding: Bytes
  /** Address of the other end, for logs and limits. */
  readonly remote: string
  /**
   * Frames arrive whole, once, in order and with the same parts. Resolves when little enough waits to be sent, so whoever awaits it never
   * fills memory. The bytes must not be changed afterwards. Throws `link_cut` when the connection has ended.
   */
  send(frame: FrameBytes, signal?: AbortSignal): Promise<void>
  /** As `send`; the frame's memory is freed as soon as it has been written. Nobody may look at it afterwards. */
  give(frame: FrameBytes, signal?: AbortSignal): Promise<void>
  /**
   * The frames of the other end, to one reader at a time; who stops reading leaves the rest to the next. While nobody
   * reads, the other end's `send` waits. The bytes are the reader's own.
   * Ends when the other end closed; throws `link_cut` when the connection died, `frame_too_large` beyond the limit.
   */
  receive(signal?: AbortSignal): AsyncIterable<FrameBytes>
  /** From now on frames of up to so many bytes are accepted. A new connection accepts `strangerFrameBytesMax`. */
  allow(frameBytes: number): void
  /** Sends what waits and ends the connection, at once from the caller's view; never throws, may be called twice. */
  close(code?: string): void
}

export interface Transport {
  /**
   * Throws `unreachable` (retry; names the address and the reason), `wrong_pin` when the other end's TLS key is none of
   * the pinned ones, in which case it has received nothing from us.
   */
  connect(url: string, pins: readonly Bytes[], signal?: AbortSignal): Promise<Connection>
}

/** The next frame; throws `link_cut` when there is none. */
export async function nextFrame(connection: Connection, signal?: AbortSignal): Promise<FrameBytes> {
  for await (const frame of connection.receive(signal)) return frame
  throw new Failure('link_cut', 'the other side ended the connection', { remedy: 'retry' })
}
