/** Many answers to one question, in the order they came in, until Done. */
import { Failure } from '@backstay/proto/failure'
import { bell } from '@backstay/proto/wire/bell'
import type { Body, BodyOf, Kind } from '@backstay/proto/wire/frame'
import type { Backlog, Conversation } from './conversation.ts'

export interface Answers<B extends Body> extends AsyncIterable<B> {
  /** Nobody will iterate (any more): what still comes is thrown away. */
  drop(): void
}

export function answerStream<K extends Kind>(
  talk: Conversation,
  backlog: Backlog,
  body: Body,
  kind: K,
  signal?: AbortSignal,
): Answers<BodyOf<K>> {
  const arrived = bell()
  let waiting: { readonly body: BodyOf<K>; readonly bytes: number }[] = []
  let over: 'done' | Failure | undefined
  let dropped = false

  const request = talk.expect((answer, bytes) => {
    if (answer instanceof Failure) over = answer
    else if (answer.kind === 'done') over = 'done'
    else if (!isKind(answer, kind)) over = unexpected(answer.kind)
    else if (!dropped) {
      waiting.push({ body: answer, bytes })
      backlog.bytes += bytes
    }
    arrived.ring()
    return over !== undefined
  })
  // A failure to send is a failure of the whole conversation, which every listener is told.
  talk.write(request, body, signal).catch(() => undefined)

  const drop = () => {
    dropped = true
    for (const { bytes } of waiting) backlog.bytes -= bytes
    waiting = []
    backlog.shrunk.ring()
  }

  async function* iterate(): AsyncGenerator<BodyOf<K>, void> {
    try {
      for (;;) {
        const next = waiting.shift()
        if (next !== undefined) {
          backlog.bytes -= next.bytes
          backlog.shrunk.ring()
          yield next.body
        } else if (over === 'done') return
        else if (over !== undefined) throw over
        else await arrived.wait(signal)
      }
    } finally {
      drop()
    }
  }
  return { [Symbol.asyncIterator]: iterate, drop }
}

export function isKind<K extends Kind>(body: Body, kind: K): body is BodyOf<K> {
  return body.kind === kind
}

export function unexpected(what: string): Failure {
  return new Failure('unexpected_frame', `the collector answered with what was not asked for: ${what}`)
}
