/** Connections inside one process: for tests and simulations, with a delay and a cable that can be cut. */
import type { Bytes } from '../bytes.ts'
import type { Clock } from '../clock.ts'
import { Failure } from '../failure.ts'
import { release } from '../release.ts'
import { bell } from './bell.ts'
import { type FrameQueue, frameQueue } from './frame-queue.ts'
import { strangerFrameBytesMax } from './limits.ts'
import { type FrameBytes, frameLength } from './outline.ts'
import type { Connection, Transport } from './transport.ts'

export interface MemoryCable {
  readonly client: Connection
  readonly server: Connection
  /** The link dies: what is under way is lost, and both ends learn of it. */
  cut(): void
}

export interface MemoryCableOptions {
  /** 32 random bytes. Two values, [client's, server's], play a relay between two channels. */
  readonly channelBinding: Bytes | readonly [Bytes, Bytes]
  /** What may wait unread in each direction before `send` waits. */
  readonly bufferBytes?: number
  /** How long a frame is under way, and whose time that is. */
  readonly delay?: { readonly ms: number; readonly clock: Clock }
}

const bufferBytesDefault = 1024 * 1024

export function memoryCable(options: MemoryCableOptions): MemoryCable {
  const binding = options.channelBinding
  const [clientBinding, serverBinding] = binding instanceof Uint8Array ? [binding, binding] : binding
  const cut = () => {
    for (const way of [upward, downward]) way.stop(linkCut())
  }
  const upward = direction(options, cut)
  const downward = direction(options, cut)
  return {
    client: end('memory:server', clientBinding, upward, downward),
    server: end('memory:client', serverBinding, downward, upward),
    cut,
  }
}

/** Each connect gives the server end of a new cable to `accept`. */
export function memoryTransport(
  accept: (server: Connection) => void,
  options: () => MemoryCableOptions,
): Transport {
  return {
    async connect(_url, _pins, signal) {
      signal?.throwIfAborted()
      const cable = memoryCable(options())
      accept(cable.server)
      return cable.client
    },
  }
}

interface Direction {
  readonly queue: FrameQueue
  frameBytesMax: number
  send(frame: FrameBytes, signal?: AbortSignal): Promise<void>
  pulled(): void
  stop(failure?: Failure): void
}

function direction(options: MemoryCableOptions, cut: () => void): Direction {
  const { bufferBytes = bufferBytesDefault, delay } = options
  const queue = frameQueue()
  const changed = bell()
  let underWay: Promise<void> = Promise.resolve()
  let underWayBytes = 0
  let stopped: { readonly failure: Failure | undefined } | undefined
  const deliver = (frame: FrameBytes) => {
    const length = frameLength(frame)
    underWayBytes -= length
    if (length <= self.frameBytesMax) return queue.push(frame)
    self.stop(new Failure('frame_too_large', `a frame of ${length} bytes is too large`))
    cut()
  }
  const self: Direction = {
    queue,
    frameBytesMax: strangerFrameBytesMax,
    async send(frame, signal) {
      if (stopped !== undefined) throw linkCut()
      underWayBytes += frameLength(frame)
      // What arrives belongs to the reader, as it does behind a socket.
      const arriving = frame.map(part => part.slice())
      if (delay === undefined) deliver(arriving)
      else {
        const arrival = delay.clock.sleep(delay.ms)
        underWay = underWay.then(() => arrival).then(() => deliver(arriving))
      }
      while (stopped === undefined && queue.bytes + underWayBytes > bufferBytes) await changed.wait(signal)
    },
    pulled: () => changed.ring(),
    stop(failure) {
      stopped ??= { failure }
      if (failure === undefined) void underWay.then(() => queue.end())
      else queue.end(failure)
      changed.ring()
    },
  }
  return self
}

function end(remote: string, channelBinding: Bytes, out: Direction, into: Direction): Connection {
  return {
    channelBinding,
    remote,
    send: (frame, signal) => out.send(frame, signal),
    give(frame, signal) {
      const sent = out.send(frame, signal)
      for (const part of frame) release(part)
      return sent
    },
    receive: signal => into.queue.pull(into.pulled, signal),
    allow(frameBytes) {
      into.frameBytesMax = frameBytes
    },
    close() {
      out.stop()
      into.stop()
    },
  }
}

function linkCut(): Failure {
  return new Failure('link_cut', 'the link was cut', { remedy: 'retry' })
}
