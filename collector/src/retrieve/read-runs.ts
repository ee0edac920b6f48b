/** Few large reads instead of many small ones: what lies close together in one pack is read in one go. */
import type { ObjectId } from '@backstay/proto/object/id'
import type { Location } from '../catalog/objects.ts'

export interface Wanted extends Location {
  readonly id: ObjectId
}

/** Consecutive bytes of one pack, with the objects in them. */
export interface Run {
  readonly pack: string
  readonly offset: number
  readonly length: number
  readonly objects: readonly Wanted[]
}

/** Skipping less than this costs more than reading it. */
const gapBytesMax = 64 * 1024
/** With one run being read and one being handed out, this bounds memory; an object may be larger than that. */
export const runBytesMax = 8 * 1024 * 1024

export function readRuns(wanted: readonly Wanted[]): Run[] {
  const sorted = [...wanted].sort((a, b) => compareText(a.pack, b.pack) || a.offset - b.offset)
  const runs: Run[] = []
  for (const object of sorted) {
    const run = runs.at(-1)
    const end = object.offset + object.length
    if (run !== undefined && run.pack === object.pack) {
      const near = object.offset - (run.offset + run.length) <= gapBytesMax
      const length = Math.max(run.length, end - run.offset)
      if (near && length <= runBytesMax) {
        runs[runs.length - 1] = { ...run, length, objects: [...run.objects, object] }
        continue
      }
    }
    runs.push({ pack: object.pack, offset: object.offset, length: object.length, objects: [object] })
  }
  return runs
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
