/**
 * Live state: the collector's events say what changed, and what is on the screen is asked for again. The browser resumes
 * with the last id by itself; after a gap that it could not bridge everything is asked for again.
 */
import type { QueryClient } from '@tanstack/react-query'
import { refresh } from './queries.ts'
import { staleAfter } from './stale.ts'

export type Live = 'connecting' | 'live' | 'lost'

/** A fleet of thousands speaks all the time: what came is gathered so long. */
const gatherMs = 1_000
const againMs = 5_000

export function followEvents(client: QueryClient, told: (live: Live) => void): () => void {
  let source: EventSource | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let gathering: ReturnType<typeof setTimeout> | undefined
  let wasLost = false
  const stale = new Set<string>()

  const gather = (paths: readonly string[]) => {
    for (const path of paths) stale.add(path)
    gathering ??= setTimeout(() => {
      const paths = [...stale]
      stale.clear()
      gathering = undefined
      void refresh(client, paths)
    }, gatherMs)
  }
  const open = () => {
    told('connecting')
    source = new EventSource('/api/v1/events')
    source.onopen = () => {
      told('live')
      if (wasLost) void client.invalidateQueries()
      wasLost = false
    }
    source.onmessage = event => {
      const paths = staleAfter(event.data)
      if (paths === 'all') void client.invalidateQueries()
      else gather(paths)
    }
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return told('connecting')
      wasLost = true
      told('lost')
      // A stream ends with its session.
      void refresh(client, ['/session'])
      again = setTimeout(open, againMs)
    }
  }
  open()
  return () => {
    clearTimeout(again)
    clearTimeout(gathering)
    source?.close()
  }
}
