/** Binds a route to what answers it; its words are typed by the route, so that both cannot drift apart. */
import type { AnswerOf, BodyOf, ParamsOf, QueryOf, Route } from '@backstay/proto/rest/route'
import type { Request, Response } from 'express'
import type { Caller } from './caller.ts'

export interface Ask<R = Route> {
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  /** Of a body that is not JSON. */
  readonly octets: Uint8Array
  /** Never read for a route that anyone may ask: there it is nobody. */
  readonly caller: Caller
  /** What counts as one place on the network. */
  readonly address: string
  /** `https://host:port` under which the browser asked; checked. */
  readonly origin: string
  readonly cookies: ReadonlyMap<string, string>
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  readonly request: Request
  /** For headers, and for routes whose answer is a stream. */
  readonly response: Response
}

export interface Answering {
  readonly route: Route
  readonly answer: (ask: Ask) => Promise<unknown>
}

export function answering<const R extends Route>(
  route: R,
  answer: (ask: Ask<R>) => Promise<AnswerOf<R>>,
): Answering {
  return { route, answer: answer as unknown as Answering['answer'] }
}
