/** HTTPS requests to a collector that is known by its key alone, as agents know it. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Agent, type AgentOptions, type RequestOptions, request } from 'node:https'
import type { Duplex, Readable } from 'node:stream'
import { connectPinned } from '@backstay/agent/link/pinned-tls'
import type { Bytes } from '@backstay/proto/bytes'

/** What is asked, of whichever collector. */
export interface PinnedRequest {
  readonly method: string
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly body?: Bytes | Readable | undefined
  /** Ends the request, or its answer. */
  readonly signal: AbortSignal
}

/** Over connections that are kept for the next one; what they lead to was compared with the pins. */
export interface PinnedRequests {
  /** `target`: `wss://host:port`. Throws `wrong_pin`, and the system's errors when nothing answers. */
  ask(target: URL, asked: PinnedRequest): Promise<IncomingMessage>
  close(): void
}

/** A browser keeps six requests open, and events besides. */
const socketsMax = 16
/** How long a connection without a request is kept: far shorter than collectors keep theirs (src/link/listener.ts). */
const idleMs = 4_000

export function pinnedRequests(pins: readonly Bytes[]): PinnedRequests {
  const agent = new PinnedAgent({ keepAlive: true, maxSockets: socketsMax, timeout: idleMs }, pins)

  async function ask(target: URL, asked: PinnedRequest, tries = 0): Promise<IncomingMessage> {
    const { body, ...options } = asked
    const going = request({ agent, ...placeOf(target), ...options })
    const answer = Promise.withResolvers<IncomingMessage>()
    going.on('response', answer.resolve).on('error', answer.reject)
    if (body === undefined || body instanceof Uint8Array) going.end(body)
    else body.pipe(going)
    try {
      return await answer.promise
    } catch (error) {
      // The collector had let go of a kept connection at the moment at which it was used again, or while this machine slept.
      const isStale = going.reusedSocket && asked.method === 'GET' && !asked.signal.aborted
      if (!isStale || tries === socketsMax) throw error
      return ask(target, asked, tries + 1)
    }
  }

  return { ask: (target, asked) => ask(target, asked), close: () => agent.destroy() }
}

/** Where `wss://host:port` leads, for a request. An address of IPv6 loses its brackets, and no port is 443. */
export function placeOf({ hostname, port }: URL): { readonly host: string; readonly port: number } {
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) }
}

class PinnedAgent extends Agent {
  readonly #pins: readonly Bytes[]

  constructor(options: AgentOptions, pins: readonly Bytes[]) {
    super(options)
    this.#pins = pins
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    connectPinned({ host: String(options.host), port: Number(options.port) }, this.#pins).then(
      socket => callback?.(null, socket),
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    )
    return undefined
  }
}
