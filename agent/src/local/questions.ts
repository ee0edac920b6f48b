/**
 * What is said on the socket of a state folder: one line of JSON asks; lines of progress and one last line answer.
 *
 *     → {"ask":"pause","forMs":3600000}
 *     ← {"answer":{"pausedUntilMs":1795000000000}}        or {"failed":{"code":"…","message":"…","remedy":"stop"}}
 */
import { Failure, isFailure, type Remedy } from '@backstay/proto/failure'
import { type KeychainKind, keychainKind } from '../keys/keychain-kind.ts'

export type Question =
  | { readonly ask: 'status' }
  /** Back up now; progress comes meanwhile, the outcome as answer. */
  | { readonly ask: 'backup' }
  | { readonly ask: 'pause'; readonly forMs: number }
  | { readonly ask: 'resume' }
  /** Become a member of a fleet, while it waits for a token. */
  | ({ readonly ask: 'enroll'; readonly token: string } & Wishes)
  /** Move the keys of this device, or end a move that was cut off. */
  | { readonly ask: 'keys'; readonly to: KeychainKind | undefined }

interface Wishes {
  readonly name: string | undefined
  readonly keychain: KeychainKind | undefined
}

export type Reply =
  | { readonly progress: unknown }
  | { readonly answer: unknown }
  | { readonly failed: { code: string; message: string; remedy: Remedy; hint?: string } }

/** The longest token, and a name. */
export const questionBytesMax = 40 * 1024
/** Longer than anybody pauses by mistake and forgets. */
export const pauseMsMax = 7 * 86_400_000

export const lineOf = (said: Question | Reply): string => `${JSON.stringify(said)}\n`

/** Throws `bad_question`. */
export function parseQuestion(line: string): Question {
  const asked = objectOf(line)
  if (asked.ask === 'status' || asked.ask === 'backup' || asked.ask === 'resume') return { ask: asked.ask }
  if (asked.ask === 'enroll' && typeof asked.token === 'string') {
    return {
      ask: 'enroll',
      token: asked.token,
      name: typeof asked.name === 'string' ? asked.name : undefined,
      keychain: kindOf(asked.keychain),
    }
  }
  if (asked.ask === 'keys') return { ask: 'keys', to: kindOf(asked.to) }
  if (asked.ask === 'pause') {
    const { forMs } = asked
    if (typeof forMs === 'number' && Number.isSafeInteger(forMs) && forMs > 0 && forMs <= pauseMsMax) {
      return { ask: 'pause', forMs }
    }
    throw new Failure('bad_duration', 'a pause lasts up to 7 days', {
      hint: 'for example: backstay-agent pause 1h',
    })
  }
  throw new Failure('bad_question', 'the running agent does not know what it is asked', {
    hint: 'use the program of the same version as the running agent',
  })
}

/** Throws `bad_keychain`. */
function kindOf(asked: unknown): KeychainKind | undefined {
  if (asked === undefined) return undefined
  return keychainKind(String(asked))
}

export function replyOf(error: unknown): Reply {
  const failure = isFailure(error)
    ? error
    : new Failure('unexpected', error instanceof Error ? error.message : String(error))
  const { code, message, remedy, hint } = failure
  return { failed: { code, message, remedy, ...(hint !== undefined && { hint }) } }
}

/** Undefined: this line is no reply. */
export function parseReply(line: string): Reply | undefined {
  const said = objectOf(line)
  if ('progress' in said) return { progress: said.progress }
  if ('answer' in said) return { answer: said.answer }
  const { failed } = said
  if (typeof failed !== 'object' || failed === null) return undefined
  const { code, message, remedy, hint } = failed as Record<string, unknown>
  return {
    failed: {
      code: String(code),
      message: String(message),
      remedy: remedy === 'retry' || remedy === 'repair' ? remedy : 'stop',
      ...(typeof hint === 'string' && { hint }),
    },
  }
}

function objectOf(line: string): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(line)
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
