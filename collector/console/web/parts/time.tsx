/** Relative times, with the exact local time on hover. */
import { useNow } from '../words/now.ts'
import { agoText, exactText, sinceText } from '../words/times.ts'

export interface TimeProps {
  readonly atMs: number | undefined
  /** What stands where there was no such moment. */
  readonly never?: string
}

export function Ago({ atMs, never = '–' }: TimeProps) {
  const nowMs = useNow()
  if (atMs === undefined) return <span className="faint">{never}</span>
  return (
    <time dateTime={new Date(atMs).toISOString()} title={exactText(atMs)}>
      {agoText(atMs, nowMs)}
    </time>
  )
}

export function Since({ atMs, never = '–' }: TimeProps) {
  const nowMs = useNow()
  if (atMs === undefined) return <span className="faint">{never}</span>
  return (
    <time dateTime={new Date(atMs).toISOString()} title={exactText(atMs)}>
      {sinceText(atMs, nowMs)}
    </time>
  )
}
