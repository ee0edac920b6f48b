/**
 * Puts of one session on their way to the disk. Their acknowledgements are gathered: all that one group commit made
 * durable leave in one frame.
 */
import type { DeviceId, ObjectId, Sealed } from '@backstay/proto/object/id'
import { release } from '@backstay/proto/release'
import { bell } from '@backstay/proto/wire/bell'
import type { Body } from '@backstay/proto/wire/frame'
import { windowFramesMax } from '@backstay/proto/wire/limits'
import type { Ingest } from '../ingest/ingest.ts'

export interface PutLaneOptions {
  readonly device: DeviceId
  readonly ingest: Pick<Ingest, 'put' | 'room'>
  /** What Welcome promised. */
  readonly windowBytes: number
  readonly windowFrames: number
  say(request: number, body: Body): void
  refuse(request: number, error: unknown): void
}

export interface PutLane {
  /** Resolves when the next may be read from the socket. Objects are admitted in the order of the calls. */
  take(request: number, stored: Sealed, signal: AbortSignal): Promise<void>
}

export function putLane({ device, ingest, say, refuse, ...window }: PutLaneOptions): PutLane {
  const changed = bell()
  let bytes = 0
  let frames = 0
  let durable: number[] = []

  async function store(request: number, stored: Sealed): Promise<ObjectId | undefined> {
    const { length } = stored
    try {
      return await ingest.put(device, stored)
    } catch (error) {
      refuse(request, error)
      return undefined
    } finally {
      // It is on the disk or refused; a collection of garbage would come later and cost more.
      release(stored)
      bytes -= length
      frames--
      changed.ring()
    }
  }

  function acknowledge(request: number): void {
    // After everything that the same group commit resolves.
    if (durable.length === 0) setImmediate(tell)
    durable.push(request)
  }

  function tell(): void {
    const requests = durable
    durable = []
    for (let at = 0; at < requests.length; at += windowFramesMax) {
      say(0, { kind: 'stored', requests: requests.slice(at, at + windowFramesMax) })
    }
  }

  return {
    async take(request, stored, signal) {
      bytes += stored.length
      frames++
      void store(request, stored).then(id => {
        if (id !== undefined) acknowledge(request)
      })
      while (frames >= window.windowFrames || bytes >= window.windowBytes) await changed.wait(signal)
      await ingest.room(signal)
    },
  }
}
