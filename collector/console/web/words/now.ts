/** The time that relative times are said against. It ticks for the whole page at once, and only while somebody looks. */
import { useSyncExternalStore } from 'react'

const tickMs = 15_000
const told = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function tick(): void {
  now = Date.now()
  for (const one of told) one()
}

function subscribe(one: () => void): () => void {
  told.add(one)
  timer ??= setInterval(() => {
    if (!document.hidden) tick()
  }, tickMs)
  if (Date.now() - now > 1_000) now = Date.now()
  return () => {
    told.delete(one)
    if (told.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Milliseconds; advances every 15 s. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}
