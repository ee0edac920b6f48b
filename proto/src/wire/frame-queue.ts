/** Frames that arrived and wait to be pulled. Whoever fills it watches `bytes` and stops the other end in time. */
import type { Bytes } from '../bytes.ts'
import { assert, type Failure } from '../failure.ts'
import { bell } from './bell.ts'

export interface FrameQueue {
  /** Of the frames that wait. */
  readonly bytes: number
  push(frame: Bytes): void
  /** Nothing more comes: pulling ends, or throws the failure, after what waits. Only the first call counts. */
  end(failure?: Failure): void
  /** Once only; `pulled` is called after each frame was taken. */
  pull(pulled: () => void, signal?: AbortSignal): AsyncGenerator<Bytes, void>
}

export function frameQueue(): FrameQueue {
  const arrived = bell()
  let waiting: Bytes[] = []
  let bytes = 0
  let ended: { readonly failure: Failure | undefined } | undefined
  let pulling = false
  return {
    get bytes() {
      return bytes
    },
    push(frame) {
      if (ended !== undefined) return
      waiting.push(frame)
      bytes += frame.length
      arrived.ring()
    },
    end(failure) {
      ended ??= { failure }
      arrived.ring()
    },
    async *pull(pulled, signal) {
      assert(!pulling, 'frames are pulled by one only')
      pulling = true
      for (;;) {
        // Taken in batches: shifting one by one off a long list costs more than the frames.
        const batch = waiting
        waiting = []
        for (const frame of batch) {
          bytes -= frame.length
          pulled()
          yield frame
        }
        if (waiting.length > 0) continue
        if (ended?.failure !== undefined) throw ended.failure
        if (ended !== undefined) return
        await arrived.wait(signal)
      }
    },
  }
}
