/** HTTPS requests to a collector that is known by its key alone, as agents know it. */
import { Agent, type AgentOptions, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { connectPinned } from '@backstay/agent/link/pinned-tls'
import type { Bytes } from '@backstay/proto/bytes'

/** A browser keeps six requests open, and events besides. */
const socketsMax = 16

/** For `agent` of a request; keeps connections for the next one. What it connects to was compared with the pins. */
export function pinnedAgent(pins: readonly Bytes[]): Agent {
  return new PinnedAgent({ keepAlive: true, maxSockets: socketsMax }, pins)
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
