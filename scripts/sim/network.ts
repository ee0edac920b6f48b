/**
 * Cables that are slow, cut, or half open: then what is sent goes nowhere and nobody is told, until a minute later a
 * keepalive would have noticed. Packets that are lost, doubled or out of order are mended below this seam, by TCP; what
 * comes through from them is exactly this, and requests that come twice after a reconnect.
 */

import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { Body, Kind } from '@backstay/proto/wire/frame'
import { memoryCable } from '@backstay/proto/wire/memory-transport'
import type { FrameBytes } from '@backstay/proto/wire/outline'
import type { Connection, Transport } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame } from '@backstay/proto/wire/wire'
import type { Random } from '../testing/random.ts'
import type { Weather } from './weather.ts'

export interface Network {
  readonly transport: Transport
  /** The other side is gone. */
  cutAll(): void
}

const noticedMs = 60_000
const answers: readonly Kind[] = ['stored', 'missing', 'published']

export function network(options: {
  readonly clock: Clock
  readonly random: Random
  readonly weather: () => Weather
  readonly channelBinding: () => Bytes
  /** Undefined: nobody listens. */
  readonly accept: () => ((connection: Connection) => void) | undefined
  /** What a rogue collector pushes besides. */
  readonly rogue: () => Body | undefined
}): Network {
  const { clock, random } = options
  const cables = new Set<{ cut(): void }>()
  return {
    cutAll() {
      for (const cable of cables) cable.cut()
      cables.clear()
    },
    transport: {
      async connect(_url, _pins, signal) {
        signal?.throwIfAborted()
        const accept = options.accept()
        if (accept === undefined) throw new Failure('unreachable', 'nobody listens', { remedy: 'retry' })
        const { slowLinkMs } = options.weather()
        const delay = { ms: slowLinkMs, clock }
        const cable = memoryCable({ channelBinding: options.channelBinding(), delay })
        cables.add(cable)
        let isDeaf = false
        /** Behind answers alone: they are no part of a handshake. */
        async function push(end: Connection, frame: FrameBytes): Promise<void> {
          const { rogueOrder } = options.weather()
          if (rogueOrder === 0 || random.below(rogueOrder) > 0) return
          const body = answers.includes(decodeFrame(frame).body.kind) ? options.rogue() : undefined
          if (body !== undefined) await end.send(encodeFrame({ request: 0, body }))
        }
        const isLost = (): boolean => {
          const { linkCut, halfOpen } = options.weather()
          if (linkCut > 0 && random.below(linkCut) === 0) cable.cut()
          if (!isDeaf && halfOpen > 0 && random.below(halfOpen) === 0) {
            isDeaf = true
            clock.sleep(noticedMs).then(() => cable.cut())
          }
          return isDeaf
        }
        const wrapped = (end: Connection): Connection => ({
          ...end,
          async send(frame, signal) {
            if (isLost()) return
            await end.send(frame, signal)
            if (end === cable.server) await push(end, frame)
          },
          async give(frame, signal) {
            if (!isLost()) await end.give(frame, signal)
          },
        })
        accept(wrapped(cable.server))
        return wrapped(cable.client)
      },
    },
  }
}
