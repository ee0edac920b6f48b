/** What just happened in the fleet, for whoever shows it live. Nobody is waited for, and nothing is kept. */
import type { DeviceId } from '@backstay/proto/object/id'

export type News =
  /** Something about a device is new: a snapshot, a heartbeat, a session, its enrolment. */
  | { readonly kind: 'device'; readonly device: DeviceId }
  /** Something that may concern every device: orders, Trust, proofs. */
  | { readonly kind: 'fleet' }
  | {
      readonly kind: 'job'
      readonly device: DeviceId
      /** Order id, in hexadecimal digits. */
      readonly job: string
      readonly state: 'running' | 'done' | 'failed' | 'refused'
      readonly entries: number
      readonly bytes: number
      readonly code: string
    }
  /** What a device says of the orders that it was shown. */
  | { readonly kind: 'obeyed'; readonly device: DeviceId; readonly refused: number }

export interface Newsroom {
  tell(news: News): void
  /** Until it is disposed of. A listener must not throw. */
  follow(listener: (news: News) => void): Disposable
}

export function newsroom(): Newsroom {
  const listeners = new Set<(news: News) => void>()
  return {
    tell(news) {
      for (const listener of listeners) listener(news)
    },
    follow(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
}
