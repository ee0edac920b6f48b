const dayMs = 86_400_000

export interface CollectionLimits {
  /** What is condemned can come back for so long: a mistake has time to be seen. */
  readonly graceMs: number
  /** So long a device may build on what it was told is here, though no snapshot reaches it yet. */
  readonly leaseMs: number
  /** A pack is written anew when more of it than this part is dead; 0 = when anything is. */
  readonly wasteMax: number
  /** So many packs of about one size become one; 0 = never. */
  readonly mergeMin: number
  /** Of one run: the rest has time until the next. */
  readonly mergePacksMax: number
  readonly mergeBytesMax: number
  /** A rebuild finds the retention clock at most so far back. */
  readonly clockRecordMs: number
  /** docs/format.md §5. */
  readonly packBytesMax: number
}

export const collectionLimits: CollectionLimits = {
  graceMs: 14 * dayMs,
  leaseMs: 30 * dayMs,
  wasteMax: 0.1,
  mergeMin: 8,
  mergePacksMax: 1000,
  mergeBytesMax: 1024 * 1024 * 1024,
  clockRecordMs: dayMs / 2,
  packBytesMax: 64 * 1024 * 1024,
}
