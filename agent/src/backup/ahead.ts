/**
 * Keeps the merge some hundred entries ahead of who uses it, and lets threads read the small files among them meanwhile
 * and the disk fetch the large ones. Without it, a cold disk is waited for one file after another.
 */
import type { Attribute } from '@backstay/proto/content/entry'
import { type Batch, batchOver } from '../reading/batch.ts'
import type { AttributesOfBatch, FileReader } from '../reading/read-batch.ts'
import type { System } from '../system/system.ts'
import { hasHoles } from './file-content.ts'
import type { EarlyRead, Merged, ToRead } from './merge.ts'

export interface AheadOptions {
  readonly system: Pick<System, 'close'>
  /** Without it nothing is read ahead. */
  readonly reader: FileReader | undefined
  /** Whether reading this file can be spared. */
  readonly isSpared: (found: ToRead) => boolean
}

/** Batches that threads read or that wait for their turn; each takes 0.4 MiB. */
const batchesMax = 6
/** Of entries that are not read ahead no more than this wait behind one that is. */
const entriesMax = 1024
/** Folders that stay open until all entries before are used. */
const foldersMax = 128
const none: readonly Attribute[] = []

interface Waiting {
  readonly one: Merged
  readonly batch: Sent | undefined
  /** In the batch. */
  readonly index: number
}

/** A batch on its way: collected, then sent, then used up. */
interface Sent {
  readonly batch: Batch
  reply: Promise<unknown> | undefined
  /** Set when it was read. */
  attributes: AttributesOfBatch | undefined
  unused: number
}

/** Yields what is merged, in its order. Closes folders when they are done with. */
export function* ahead(merged: Iterable<Merged>, options: AheadOptions): Generator<Merged> {
  const { system, reader, isSpared } = options
  const queue: Waiting[] = []
  const free: Batch[] = []
  let collecting: Sent | undefined
  let [batches, folders] = [0, 0]
  try {
    for (const one of merged) {
      if (one.kind === 'wait') {
        yield one
        continue
      }
      const batch = reader !== undefined && isEarly(one) && !isSpared(one) ? collected(one) : undefined
      queue.push({ one, batch, index: batch === undefined ? 0 : batch.batch.files - 1 })
      if (one.kind === 'left') folders++
      while (queue[0] !== undefined && mustUse(queue[0])) yield* use(queue.shift() as Waiting)
    }
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield* use(next)
  } finally {
    for (const { one } of queue) if (one.kind === 'left') system.close(one.handle)
  }

  /** Nothing waits for long: who is first in the queue and is not being read is used at once. */
  function mustUse({ batch }: Waiting): boolean {
    return batch === undefined || batches > batchesMax || queue.length > entriesMax || folders > foldersMax
  }

  function* use({ one, batch, index }: Waiting): Generator<Merged> {
    if (one.kind === 'left') {
      folders--
      system.close(one.handle)
      return
    }
    if (batch === undefined) {
      yield one
      return
    }
    if (batch.reply === undefined) send()
    if (batch.attributes === undefined) yield { kind: 'wait', until: Promise.resolve(batch.reply) }
    if (one.kind === 'read') one.early = earlyRead(batch, index)
    yield one
    if (--batch.unused > 0) return
    batches--
    free.push(batch.batch)
  }

  function collected(found: ToRead): Sent {
    if (collecting?.batch.add(found) !== true) {
      send()
      const batch = free.pop() ?? batchOver()
      batch.clear()
      batch.add(found)
      collecting = { batch, reply: undefined, attributes: undefined, unused: 0 }
      batches++
    }
    collecting.unused++
    return collecting
  }

  function send(): void {
    if (collecting === undefined || reader === undefined) return
    const sent = collecting
    sent.reply = reader.read(sent.batch).then(attributes => {
      sent.attributes = attributes
    })
    // Whoever waits for it learns of a failure.
    sent.reply.catch(() => undefined)
    collecting = undefined
  }
}

/** Undefined when the file must be read again, with more care. */
function earlyRead({ batch, attributes }: Sent, index: number): EarlyRead | undefined {
  if (!batch.isRead(index)) return undefined
  const { content, sha256 } = batch.wanted(index)
  const own = attributes?.find(one => one.index === index)?.attributes ?? none
  return { bytes: content, sha256: sha256.slice(), attributes: own }
}

/** Files with more than one name are read once, by whom the first name belongs to. */
function isEarly(one: Merged): one is ToRead {
  if (one.kind !== 'read') return false
  const { kind, size, links } = one.stat
  return kind === 'file' && size > 0 && links === 1 && !hasHoles(one.stat)
}
