/** `/api/v1` as a worker of the page asks it: with the cookie of whoever is signed in, or of `backstay console`. */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Rest } from '../../rest-link.ts'
import { addressOf, get, send } from '../api/client.ts'
import { problemFrom, unreachable } from '../api/problem.ts'

/** Without a byte for so long, an answer is given up and asked for again. */
const silenceMs = 60_000

export const workerRest: Rest = {
  async get<T>(path: string, query?: Parameters<Rest['get']>[1]) {
    try {
      return await get<T>(path, query)
    } catch (error) {
      throw passing(error)
    }
  },
  post: (path, body) => send('POST', path, body),
  async *octets(path, body, signal) {
    const silent = new AbortController()
    let timer = setTimeout(() => silent.abort(), silenceMs)
    const heard = () => {
      clearTimeout(timer)
      timer = setTimeout(() => silent.abort(), silenceMs)
    }
    try {
      const response = await fetch(addressOf(path), {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: body as Uint8Array<ArrayBuffer>,
        credentials: 'same-origin',
        redirect: 'error',
        signal: signal === undefined ? silent.signal : AbortSignal.any([signal, silent.signal]),
      })
      if (!response.ok || response.body === null)
        throw problemFrom(response.status, await response.json().catch(() => undefined))
      for await (const chunk of chunksOf(response.body)) {
        heard()
        yield chunk
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw passing(error)
    } finally {
      clearTimeout(timer)
    }
  },
}

/** A body is an async iterable in some browsers only. */
async function* chunksOf(body: ReadableStream<Bytes>): AsyncGenerator<Bytes> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** No answer, a busy collector, one that is being started anew: worth another try. */
function passing(error: unknown): Failure {
  const problem = error instanceof Failure ? error : unreachable(error)
  const status = 'status' in problem ? Number(problem.status) : 0
  const isPassing = status === 0 || status === 429 || status >= 500
  if (!isPassing || problem.code === 'page_mistake') return problem
  return new Failure(problem.code, problem.message, {
    remedy: 'retry',
    cause: error,
    ...(problem.hint !== undefined && { hint: problem.hint }),
  })
}
