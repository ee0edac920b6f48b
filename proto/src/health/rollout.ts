/** Whether a release makes devices worse: then it is handed out no further until somebody has looked. */
export interface RolloutFacts {
  /** Devices that run it, or took it and fell silent; and how many of them did that, are at risk or unprotected. */
  readonly updated: number
  readonly updatedUnwell: number
  /** All others that are not retired. */
  readonly others: number
  readonly othersUnwell: number
}

/** One device may have its own trouble. */
const unwellMin = 3
/** So much more of those with the new release than of the others, in percent of them. */
const differenceMin = 15

export function isRolloutHalted({ updated, updatedUnwell, others, othersUnwell }: RolloutFacts): boolean {
  if (updatedUnwell < unwellMin) return false
  const share = (part: number, whole: number) => (whole === 0 ? 0 : (100 * part) / whole)
  return share(updatedUnwell, updated) - share(othersUnwell, others) >= differenceMin
}
