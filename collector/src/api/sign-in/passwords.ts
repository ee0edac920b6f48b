/** Argon2id, as a PHC string: `$argon2id$v=19$m=65536,t=3,p=1$salt$hash`. */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'

export interface Passwords {
  /** Throws `bad_request` for one that is too long. */
  hash(password: string): Promise<string>
  /** As long for `undefined`, a person who is not known or has none, as for a wrong one. */
  matches(password: string, known: string | undefined): Promise<boolean>
}

export interface PasswordCost {
  /** KiB. */
  readonly memory: number
  readonly passes: number
}

/** RFC 9106's second choice is 64 MiB and three passes: about 0.2 s, and nothing for a card with thousands of cores. */
const usualCost: PasswordCost = { memory: 64 * 1024, passes: 3 }
const parallelism = 1
const tagLength = 32
/** 128 MiB at most, whoever knocks. */
const atOnceMax = 2
/** Who waits longer for his turn had better come again. */
const waitingMax = 32
export const passwordBytesMax = 1024

const derive = promisify(argon2)

/** `cost`: tests that are not about passwords take less. */
export function passwords(cost = usualCost): Passwords {
  let running = 0
  const waiting: (() => void)[] = []

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnceMax) {
      if (waiting.length >= waitingMax) {
        throw new Failure('too_many_requests', 'too many people sign in at this moment', { remedy: 'retry' })
      }
      await new Promise<void>(resolve => void waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }

  const tag = (password: string, nonce: Uint8Array) =>
    inTurn(() => derive('argon2id', { ...cost, parallelism, tagLength, message: utf8(password), nonce }))

  return {
    async hash(password) {
      if (utf8(password).length > passwordBytesMax) {
        throw new Failure('bad_request', `a password has at most ${passwordBytesMax} bytes`)
      }
      const salt = randomBytes(16)
      return `${beginOf(cost)}${text(salt)}$${text(await tag(password, salt))}`
    },
    async matches(password, known) {
      const { salt, hash } = parsed(cost, known) ?? nobody
      const isShort = utf8(password).length <= passwordBytesMax
      const found = await tag(isShort ? password : '', salt)
      return isShort && known !== undefined && found.length === hash.length && timingSafeEqual(found, hash)
    },
  }
}

/** What somebody who is not there would have: the same work. */
const nobody = { salt: randomBytes(16), hash: randomBytes(tagLength) }

const beginOf = ({ memory, passes }: PasswordCost) =>
  `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$`
const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

function parsed(
  cost: PasswordCost,
  known: string | undefined,
): { readonly salt: Buffer; readonly hash: Buffer } | undefined {
  const begin = beginOf(cost)
  if (known === undefined || !known.startsWith(begin)) return undefined
  const [salt = '', hash = ''] = known.slice(begin.length).split('$')
  return { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
}
