/** One line on a terminal that is written over and over; nothing when nobody watches. */
import { bytesText } from './text.ts'

export interface ProgressLine<Progress> {
  show(progress: Progress): void
  end(): void
}

const showMs = 200

/** `bytesOf` and, when it is known, `totalOf` give rate and time left. */
export function progressLine<Progress>(
  textOf: (progress: Progress) => string,
  bytesOf: (progress: Progress) => number,
  totalOf: (progress: Progress) => number | undefined = () => undefined,
): ProgressLine<Progress> {
  const start = performance.now()
  const isWatched = process.stderr.isTTY === true
  let shown = 0
  let isOpen = false
  return {
    show(progress) {
      const now = performance.now()
      if (!isWatched || now - shown < showMs) return
      shown = now
      isOpen = true
      const seconds = (now - start) / 1000
      const rate = bytesOf(progress) / seconds
      const total = totalOf(progress)
      const left = total === undefined || rate === 0 ? undefined : (total - bytesOf(progress)) / rate
      const time = left === undefined ? '' : `, ${durationText(Math.max(0, left))} left`
      process.stderr.write(`\r\x1b[K${textOf(progress)}, ${bytesText(Math.round(rate))}/s${time}`)
    },
    end() {
      if (isOpen) process.stderr.write('\r\x1b[K')
      isOpen = false
    },
  }
}

export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}
