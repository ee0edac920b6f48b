/** Reaches collectors through the same link as agents do. */
import { connectAdmin, connectDevice, connectFounder } from '@backstay/agent/link/connect'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import type { Transport } from '@backstay/proto/wire/transport'
import type { Connecting } from './connecting.ts'

export interface LinkParts {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly transport: Transport
  /** Name and version of this program, for the collector's log. */
  readonly software: string
}

export function linkConnecting(parts: LinkParts): Connecting {
  return {
    admin: options => connectAdmin({ ...parts, ...options }),
    parcel: options => connectDevice({ ...parts, ...options }),
    async found({ code, records, trust, ...options }) {
      const [collector] = trust.document.collectors
      if (collector === undefined) throw new Failure('bad_trust', 'the Trust document names no collector')
      const founder = connectFounder({
        ...parts,
        ...options,
        fleet: trust.fleet,
        pins: collector.spkiPins,
        collectorKey: collector.key,
      })
      await using _session = await founder.found(code, records)
    },
  }
}
