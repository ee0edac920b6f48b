/** What the collector refused or could not do, as a sentence with its remedy (RFC 9457). */
import { Failure } from '@backstay/proto/failure'

export class Problem extends Failure {
  /** Of HTTP; 0: there was no answer at all. */
  readonly status: number

  constructor(status: number, code: string, message: string, hint?: string) {
    super(code, message, hint === undefined ? {} : { hint })
    this.status = status
  }
}

/** Whatever was thrown, to be shown. What is no Problem is a mistake of this page. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof Failure) return new Problem(0, error.code, error.message, error.hint)
  const what = error instanceof Error ? error.message : String(error)
  return new Problem(0, 'page_mistake', `this page made a mistake (${what})`, 'reload the page')
}

/** From an answer that is no success. `body`: what came, parsed or not. */
export function problemFrom(status: number, body: unknown): Problem {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const text = (name: string) => {
    const value = fields[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const said = text('detail') ?? text('title') ?? usualWords[status] ?? `the collector answered ${status}`
  return new Problem(status, text('code') ?? `http_${status}`, said, text('hint') ?? usualHints[status])
}

export function unreachable(cause: unknown): Problem {
  void cause
  return new Problem(
    0,
    'collector_unreachable',
    'the collector does not answer',
    'check that it runs and that this machine reaches it; this page tries again by itself',
  )
}

const usualWords: Readonly<Record<number, string>> = {
  401: 'you are not signed in any more',
  403: 'your role does not allow this',
  404: 'there is no such thing here (any more)',
  413: 'that is more than the collector takes at once',
  429: 'too many requests in a short time',
  503: 'the collector is busy or not ready yet',
}

const usualHints: Readonly<Record<number, string>> = {
  401: 'sign in again; nothing that you had chosen is lost',
  403: 'ask an owner for the role that you need',
  429: 'wait a minute and try again',
  503: 'try again in a moment',
}
