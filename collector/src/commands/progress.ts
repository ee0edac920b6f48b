import { bytesText } from '../amounts.ts'
import type { Surroundings } from './surroundings.ts'

/** A line now and then is enough for people and for a log. */
const intervalMs = 5000

/** `onProgress` of a long work. */
export function progressLines(
  around: Pick<Surroundings, 'say'>,
  nowMs: () => number,
): (done: number, total: number) => void {
  let last = nowMs()
  return (done, total) => {
    if (nowMs() - last < intervalMs || done >= total) return
    last = nowMs()
    around.say(`${((100 * done) / total).toFixed(0)} %: ${bytesText(done)} of ${bytesText(total)}`)
  }
}
