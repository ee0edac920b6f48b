/**
 * Many objects in the order they were asked for, pipelined: while the first is used, the next are on their way. How many
 * depends on how large they were so far, so that about 16 MiB wait in memory whether they are pages or segments.
 */
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import type { GotObject as ObjectFrame } from '@backstay/proto/wire/frame'
import { getIdsMax } from '@backstay/proto/wire/limits'
import { type Answers, unexpected } from './answers.ts'
import type { Conversation } from './conversation.ts'
import type { GotObject } from './session.ts'

const aheadBytes = 16 * 1024 * 1024
/** Even of the largest objects so many are on their way, or a far collector would be asked one by one. */
const aheadMin = 4
/** What an object is taken for before the first came. */
const firstGuessBytes = 1024 * 1024

interface Batch {
  readonly ids: readonly ObjectId[]
  readonly answers: Answers<ObjectFrame>
}

export async function* getObjects(
  talk: Conversation,
  ids: Iterable<ObjectId>,
  device: DeviceId | undefined,
  signal?: AbortSignal,
): AsyncGenerator<GotObject, void> {
  const wanted = ids[Symbol.iterator]()
  const batches: Batch[] = []
  let ahead = 0
  let usualBytes = firstGuessBytes

  const askAhead = () => {
    const most = Math.min(getIdsMax, Math.max(aheadMin, Math.floor(aheadBytes / usualBytes)))
    if (ahead > most / 2) return
    // In halves, so that one is asked for while the other arrives.
    const ids = take(wanted, Math.min(most - ahead, Math.ceil(most / 2)))
    if (ids.length === 0) return
    ahead += ids.length
    batches.push({ ids, answers: talk.stream({ kind: 'get', ids, device }, 'object', signal) })
  }

  try {
    askAhead()
    for (let batch = batches[0]; batch !== undefined; batch = batches[0]) {
      for await (const got of inOrder(batch)) {
        ahead--
        usualBytes += ((got.stored?.length ?? 0) - usualBytes) / 8
        askAhead()
        yield got
      }
      batches.shift()
      askAhead()
    }
  } finally {
    for (const { answers } of batches) answers.drop()
  }
}

/** The collector answers in the order in which it reads its disk. */
async function* inOrder({ ids, answers }: Batch): AsyncGenerator<GotObject, void> {
  const early = new Map<number, ObjectFrame>()
  let next = 0
  for await (const object of answers) {
    if (object.index < next || early.has(object.index)) throw unexpected(`object ${object.index} again`)
    early.set(object.index, object)
    for (let one = early.get(next); one !== undefined; one = early.get(next)) {
      early.delete(next)
      const id = ids[next++]
      if (id === undefined) throw unexpected(`object ${one.index} of ${ids.length}`)
      yield { id, stored: one.stored }
    }
  }
  if (next !== ids.length) throw unexpected(`${next} of ${ids.length} objects`)
}

function take<T>(source: Iterator<T>, count: number): T[] {
  const taken: T[] = []
  while (taken.length < count) {
    const { value, done } = source.next()
    if (done) break
    taken.push(value)
  }
  return taken
}
