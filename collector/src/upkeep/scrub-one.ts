/** Reads one pack whole, compares it with the catalog, and notes what is damaged in it. */
import { Failure, isFailure } from '@backstay/proto/failure'
import { decodeWhole } from '@backstay/proto/object/header'
import { objectId } from '@backstay/proto/object/id'
import { frameHeaderBytes } from '@backstay/proto/object/pack'
import { packByName } from '../catalog/packs.ts'
import { aroundBadSectors, type BadSectors } from '../packs/around-bad-sectors.ts'
import { type PackRecord, reconcile } from './reconcile.ts'
import type { Finding, ScrubOptions } from './scrub.ts'
import { type BrokenObject, scrubPack, type WholeFrame } from './scrub-pack.ts'

export interface ScrubOne {
  readonly report: (finding: Finding) => void
  readonly pace?: (bytes: number) => Promise<void>
  /**
   * What lies on sectors that the disk cannot read. note: it is damaged. wait: the disk's fault is not the object's, so
   * nothing is said of it now.
   */
  readonly onBadSectors: 'note' | 'wait'
}

export interface ScrubbedPack extends PackRecord {
  /** Sectors that the disk could not read; undefined when it could read next to nothing. */
  readonly badSectors: number | undefined
  /** Something was not as it was written. */
  readonly hasFlaws: boolean
}

/** Throws `pack_missing` when the pack is gone and nothing else is to be noted. */
export async function scrubOne(
  options: ScrubOptions,
  { name, bytes }: { readonly name: string; readonly bytes: number },
  { report, pace, onBadSectors }: ScrubOne,
): Promise<ScrubbedPack> {
  const row = await packByName(options.sql, name)
  let hasFlaws = false
  const book = reconcile(options, name, row, finding => {
    hasFlaws = true
    report(finding)
  })
  const flaw = (why: string, offset: number) => {
    hasFlaws = true
    report({ kind: 'pack', pack: name, why, offset })
  }
  const sectors = aroundBadSectors(options.store)
  const waits = (from: number, to: number) => onBadSectors === 'wait' && sectors.touches(from, to)
  if (row?.state === 'sealed' && bytes !== row.bytes) {
    flaw(`it has ${bytes} bytes and had ${row.bytes}`, Math.min(bytes, row.bytes))
  }
  try {
    for await (const finding of scrubPack(options.p, sectors.store, name, bytes)) {
      options.signal?.throwIfAborted()
      if (finding.kind === 'flaw') {
        // Behind a sector that cannot be read, nothing can be said of the pack's order.
        if (onBadSectors === 'note' || sectors.count === 0) flaw(finding.why, finding.offset)
      } else if (finding.kind === 'broken') {
        const { object } = finding
        const end = object.offset + object.length
        if (waits(object.offset - frameHeaderBytes, end)) continue
        const again = await readAgain(options, sectors, name, object)
        if (again !== undefined) await book.whole(again)
        else await book.broken(object, sectors.touches(object.offset, end) ? 'unreadable' : 'damaged')
      } else {
        await book.whole(finding.frame)
        await pace?.(finding.frame.length)
      }
    }
  } catch (error) {
    const isGone = isFailure(error, 'pack_missing')
    if (!isFailure(error, 'pack_unreadable') && !(isGone && onBadSectors === 'note')) throw error
    if (onBadSectors === 'note') flaw(error.message, 0)
    return { ...(await book.close('unfinished')), badSectors: undefined, hasFlaws }
  }
  if (sectors.count > 0 && onBadSectors === 'note') {
    flaw(`the disk cannot read ${sectors.count} of its sectors`, 0)
  }
  return { ...(await book.close('finished')), badSectors: sectors.count, hasFlaws }
}

/** Memory and cables turn bits as well: an object counts as broken when it is so twice. */
async function readAgain(
  { p }: Pick<ScrubOptions, 'p'>,
  sectors: BadSectors,
  name: string,
  { domain, id, offset, length }: BrokenObject,
): Promise<WholeFrame | undefined> {
  const stored = await sectors.store.read(name, offset, length)
  if (stored.length !== length || objectId(await p.sha256(stored)) !== id) return undefined
  try {
    return { state: 'whole', domain, id, offset, length, header: decodeWhole(stored).header, stored }
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}
