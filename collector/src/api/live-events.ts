/**
 * What happens now, as server-sent events. The last thousand are held, so that a page that lost its line takes up where it
 * was; one that was away longer is told to ask for everything again. A reader that does not read is cut off, not waited for.
 * Who he is is asked again with each heartbeat: a stream ends with the session that it was opened with.
 */
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { type LiveEvent, overviewRoutes } from '@backstay/proto/rest/overview'
import type { Request, Response } from 'express'
import type { DeviceChange } from '../fleet/fleet-view.ts'
import type { News } from '../fleet/news.ts'
import { type Answering, answering } from './answer.ts'
import { type Caller, hasAccess, sees } from './caller.ts'
import type { ApiParts } from './parts.ts'

const heldMax = 1000
const heartbeatMs = 15_000
/** Pages of one person. */
const streamsOfPerson = 8
const streamsMax = 1000
/** What a reader may be behind. */
const waitingBytesMax = 256 * 1024

/** Whom it is told: whoever sees the device, whoever sees the whole fleet, or everybody. */
export type About = DeviceId | 'fleet' | 'everybody'

interface Held {
  readonly number: number
  readonly event: LiveEvent
  readonly about: About
}

export interface LiveEvents {
  /** For rooms with events of their own. */
  tell(event: LiveEvent, about: About): void
  readonly routes: readonly Answering[]
  /** Ends all streams. */
  close(): void
}

export function liveEvents({
  view,
  fleet,
  clock,
  signIn,
}: Pick<ApiParts, 'view' | 'fleet' | 'clock' | 'signIn'>): LiveEvents {
  /** A restarted collector counts from another number, and an old id leads nowhere. */
  const run = clock.now()
  const held: Held[] = []
  const streams = new Set<{ readonly actor: string; send(one: Held): void; end(): void }>()
  let numbers = 0

  function tell(event: LiveEvent, about: About): void {
    const one: Held = { number: ++numbers, event, about }
    held.push(one)
    if (held.length > heldMax) held.shift()
    for (const stream of streams) stream.send(one)
  }

  view.follow(({ before, now }: DeviceChange) => {
    const { row, health, onlineSinceMs } = now
    const state = before?.health.state
    const about = {
      device: row.device,
      name: row.name,
      state: health.state,
      online: onlineSinceMs !== undefined,
    }
    tell(
      { type: 'device', ...about, ...(state !== undefined && { before: state }), atMs: clock.now() },
      row.device,
    )
  })
  fleet.news.follow((news: News) => {
    const atMs = clock.now()
    if (news.kind === 'job') {
      const { device, job, state, entries, bytes, code } = news
      tell({ type: 'job', device, job, state, entries, bytes, ...(code !== '' && { code }), atMs }, device)
    }
    if (news.kind === 'obeyed') {
      tell({ type: 'policy', device: news.device, refused: news.refused, atMs }, news.device)
    }
    if (news.kind === 'fleet') tell({ type: 'orders', atMs }, 'everybody')
  })

  function isFor(caller: Caller, { about }: Held): boolean {
    if (caller.groups === undefined || about === 'everybody') return true
    const viewed = about === 'fleet' ? undefined : view.devices.get(about)
    return viewed !== undefined && sees(caller, viewed)
  }

  function missed(lastId: string | undefined): readonly Held[] | 'too much' {
    if (lastId === undefined || lastId === '') return []
    const [ofRun, number] = lastId.split('.').map(Number)
    const first = held[0]?.number ?? numbers + 1
    if (ofRun !== run || number === undefined || !(number >= first - 1) || number > numbers) return 'too much'
    return held.filter(one => one.number > number)
  }

  async function follow(
    request: Request,
    response: Response,
    begun: Caller,
    signal: AbortSignal,
  ): Promise<void> {
    let caller = begun
    const own = [...streams].filter(stream => stream.actor === caller.actor)
    if (own.length >= streamsOfPerson || streams.size >= streamsMax) {
      throw new Failure('too_many_streams', 'too many pages follow what happens', { remedy: 'retry' })
    }
    const ended = new AbortController()
    const either = AbortSignal.any([signal, ended.signal])
    response.status(200).set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const write = (text: string) => {
      if (response.writableLength > waitingBytesMax) return ended.abort()
      response.write(text)
    }
    const stream = {
      actor: caller.actor,
      send(one: Held) {
        if (isFor(caller, one)) write(eventText(run, one))
      },
      end: () => ended.abort(),
    }
    const before = missed(request.get('last-event-id'))
    write(`retry: 3000\nid: ${run}.${numbers}\n\n`)
    if (before === 'too much') write(`data: ${JSON.stringify({ type: 'reset', atMs: clock.now() })}\n\n`)
    else for (const one of before) stream.send(one)
    streams.add(stream)
    try {
      while (!either.aborted) {
        await clock.sleep(heartbeatMs, either)
        // A session ends, a role is taken, a group is changed: what was admitted once is not for ever.
        const now = await signIn.sessions.callerOf(request, true)
        if (now === undefined || now.actor !== begun.actor || !hasAccess(now, overviewRoutes.events.access))
          break
        caller = now
        write(': still here\n\n')
      }
    } catch (error) {
      if (!either.aborted) throw error
    } finally {
      streams.delete(stream)
      response.end()
    }
  }

  return {
    tell,
    routes: [
      answering(overviewRoutes.events, async ({ response, caller, request, signal }) => {
        await follow(request, response, caller, signal)
        return undefined as never
      }),
    ],
    close() {
      for (const stream of streams) stream.end()
    },
  }
}

function eventText(run: number, { number, event }: Held): string {
  return `id: ${run}.${number}\ndata: ${JSON.stringify(event)}\n\n`
}
