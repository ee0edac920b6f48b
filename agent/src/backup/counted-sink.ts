/** What all attempts of one backup send, also those that come to nothing: what they sent stays at the collector. */
import type { ObjectSink } from './outgoing.ts'

export interface CountedSink extends ObjectSink {
  readonly objects: number
  readonly bytes: number
}

export function countedSink(sink: ObjectSink): CountedSink {
  let [objects, bytes] = [0, 0]
  return {
    get objects() {
      return objects
    },
    get bytes() {
      return bytes
    },
    missing: ids => sink.missing(ids),
    put(id, stored) {
      objects++
      bytes += stored.length
      return sink.put(id, stored)
    },
    flush: () => sink.flush(),
    publish: record => sink.publish(record),
  }
}
