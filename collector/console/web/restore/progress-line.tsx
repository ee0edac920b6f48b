/** How far a restore is, how fast, and how long it still takes. */
import { bytesText, numberText } from '../words/bytes.ts'
import { leftMs, leftText } from './speed.ts'

export interface ProgressLineProps {
  readonly entries: number
  readonly bytes: number
  /** In bytes; undefined: nobody knows. */
  readonly total: number | undefined
  /** Of what went by since `sinceMs` (performance.now()): where it was then. */
  readonly from: { readonly bytes: number; readonly atMs: number }
  /** Said instead of the speed. */
  readonly instead?: string | undefined
}

export function ProgressLine({ entries, bytes, total, from, instead }: ProgressLineProps) {
  const seconds = Math.max(0.2, (performance.now() - from.atMs) / 1000)
  const rate = (bytes - from.bytes) / seconds
  const left = total === undefined ? undefined : leftMs(total - bytes, rate)
  return (
    <>
      {total !== undefined && (
        <progress max={1} value={total === 0 ? 0 : Math.min(1, bytes / total)} aria-label="Progress" />
      )}
      <p>
        {bytesText(bytes)}
        {total !== undefined && ` of ${bytesText(total)}`}, {numberText(entries)} entries
      </p>
      <p className="faint">
        {instead ?? `${bytesText(rate)}/s${left === undefined ? '' : `, ${leftText(left)} left`}`}
      </p>
    </>
  )
}
