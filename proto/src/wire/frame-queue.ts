/** Frames that arrived and wait to be pulled. Whoever fills it watches `bytes` and stops the other end in time. */
import { assert, type Failure } from '../failure.ts'
import { bell } from './bell.ts'
import { type FrameBytes, frameLength } from './outline.ts'

export interface FrameQueue {
  /** Of the frames that wait. */
  readonly bytes: number
  push(frame: FrameBytes): void
  /** Nothing more comes: pulling ends, or throws the failure, after what waits. Only the first call counts. */
  end(failure?: Failure): void
  /** By one at a time; who stops pulling leaves the rest to the next. `pulled` is called after each frame was taken. */
  pull(pulled: () => void, signal?: AbortSignal): AsyncGenerator<FrameBytes, void>
}

/** Stands where a frame was taken, so that its bytes can be freed. */
const gone: FrameBytes = []

export function frameQueue(): FrameQueue {
  const arrived = bell()
  let waiting: FrameBytes[] = []
  // Taken by an index: shifting off a long list costs more than the frames.
  let taken = 0
  let bytes = 0
  let ended: { readonly failure: Failure | undefined } | undefined
  let pulling = false

  function take(): FrameBytes | undefined {
    const frame = waiting[taken]
    if (frame === undefined) return undefined
    waiting[taken++] = gone
    if (taken === waiting.length) {
      waiting = []
      taken = 0
    }
    bytes -= frameLength(frame)
    return frame
  }

  return {
    get bytes() {
      return bytes
    },
    push(frame) {
      if (ended !== undefined) return
      waiting.push(frame)
      bytes += frameLength(frame)
      arrived.ring()
    },
    end(failure) {
      ended ??= { failure }
      arrived.ring()
    },
    async *pull(pulled, signal) {
      assert(!pulling, 'frames are pulled by one at a time')
      pulling = true
      try {
        for (;;) {
          const frame = take()
          if (frame !== undefined) {
            pulled()
            yield frame
          } else if (ended?.failure !== undefined) throw ended.failure
          else if (ended !== undefined) return
          else await arrived.wait(signal)
        }
      } finally {
        pulling = false
      }
    },
  }
}
