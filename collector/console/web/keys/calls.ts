/** Calls from one thread to another: a number, a name, plain values; and one answer for each. */
import { Failure, isFailure } from '@backstay/proto/failure'

export interface Call {
  readonly call: number
  readonly name: string
  readonly values: readonly unknown[]
}

export type Answer =
  | { readonly call: number; readonly ok: true; readonly value: unknown }
  | {
      readonly call: number
      readonly ok: false
      readonly code: string
      readonly message: string
      readonly hint?: string
    }
  /** On the way, of a call that takes long. */
  | { readonly call: number; readonly told: unknown }

type Deeds = Readonly<Record<string, (...values: never[]) => unknown>>

/** Something to post to: a Worker, a port, the scope of a worker. */
export interface Post {
  postMessage(message: unknown, transfer?: Transferable[]): void
}

export async function answerTo(post: Post, deeds: Deeds, { call, name, values }: Call): Promise<void> {
  try {
    const deed = Object.hasOwn(deeds, name) ? deeds[name] : undefined
    if (deed === undefined) throw new Failure('bad_request', `nobody answers "${name}"`)
    const value = await (deed as (...values: readonly unknown[]) => unknown)(...values)
    post.postMessage({ call, ok: true, value } satisfies Answer)
  } catch (error) {
    post.postMessage(refusal(call, error))
  }
}

function refusal(call: number, error: unknown): Answer {
  if (isFailure(error)) {
    const { code, message, hint } = error
    return { call, ok: false, code, message, ...(hint !== undefined && { hint }) }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    call,
    ok: false,
    code: 'page_mistake',
    message: `this page made a mistake (${message})`,
    hint: 'reload the page',
  }
}

export interface Caller {
  ask<T>(name: string, values: readonly unknown[], transfer?: Transferable[]): Promise<T>
  /** Number of the newest call. */
  readonly last: number
  /** To be called with what comes back. */
  hear(answer: Answer): void
  /** Whoever waits is told that nothing comes any more. */
  end(error: Failure): void
}

export function caller(post: Post): Caller {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let calls = 0
  return {
    ask<T>(name: string, values: readonly unknown[], transfer: Transferable[] = []) {
      const answer = Promise.withResolvers<unknown>()
      waiting.set(++calls, answer)
      post.postMessage({ call: calls, name, values } satisfies Call, transfer)
      return answer.promise as Promise<T>
    },
    get last() {
      return calls
    },
    hear(answer) {
      if ('told' in answer) return
      const waits = waiting.get(answer.call)
      waiting.delete(answer.call)
      if (answer.ok) waits?.resolve(answer.value)
      else
        waits?.reject(
          new Failure(answer.code, answer.message, answer.hint === undefined ? {} : { hint: answer.hint }),
        )
    },
    end(error) {
      for (const waits of waiting.values()) waits.reject(error)
      waiting.clear()
    },
  }
}
