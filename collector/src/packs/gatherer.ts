/** When the next group commit begins: at once after a quiet time, otherwise when enough has come or enough time passed. */
import type { Clock } from '@backstay/proto/clock'
import type { Frame } from './open-pack.ts'

export interface GatherLimits {
  /** Groups begin at least so far apart, unless one of the limits below is reached before. 0 = at once. */
  readonly gatherMs: number
  readonly gatherBytesMax: number
  readonly gatherFramesMax: number
}

export interface Gatherer {
  /** A frame came. Somebody waits for a record: it ends the waiting. */
  add(frame: Frame): void
  /** So much is being written now. */
  took(frames: number, bytes: number): void
  /** Resolves when a group may begin. */
  wait(): Promise<void>
  hurry(): void
}

export function gatherer(clock: Pick<Clock, 'monotonic' | 'sleep'>, limits: GatherLimits): Gatherer {
  let frames = 0
  let bytes = 0
  let begunMs = Number.NEGATIVE_INFINITY
  let urgent = false
  let waiting: AbortController | undefined

  const enough = () => urgent || bytes >= limits.gatherBytesMax || frames >= limits.gatherFramesMax

  return {
    add(frame) {
      frames++
      bytes += frame.stored.length
      if (frame.type === 'record') urgent = true
      if (enough()) waiting?.abort()
    },
    took(tookFrames, tookBytes) {
      frames -= tookFrames
      bytes -= tookBytes
      urgent = false
    },
    async wait() {
      const restMs = begunMs + limits.gatherMs - clock.monotonic()
      if (restMs > 0 && !enough()) {
        waiting = new AbortController()
        await clock.sleep(restMs, waiting.signal).catch(() => undefined)
        waiting = undefined
      }
      begunMs = clock.monotonic()
    },
    hurry() {
      urgent = true
      waiting?.abort()
    },
  }
}
