/**
 * The code with which the first person signs in. There is no password before it and none that everybody knows. It lies
 * beside the collector's keys, is printed on the terminal of `serve` and nowhere else, and is good for once.
 */
import { join } from 'node:path'
import { equalSecret, utf8 } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'
import { readSecret, removeSecret, writeSecret } from '../../secret-file.ts'

export interface OneTimeCode {
  /** Undefined when somebody may sign in already. Never logged. */
  readonly code: string | undefined
  matches(given: string): boolean
  close(): Promise<void>
}

const fileName = 'sign-in-code'
/** 100 bits, in letters that nobody mistakes for others. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
const groups = 5
const groupLetters = 4

export async function openOneTimeCode(
  p: Pick<Primitives, 'random'>,
  folder: string,
  somebodyMay: boolean,
): Promise<OneTimeCode> {
  const path = join(folder, fileName)
  let code = somebodyMay ? undefined : (await readSecret(path))?.trim() || undefined
  if (code === undefined && !somebodyMay) {
    code = newCode(p)
    await writeSecret(path, `${code}\n`)
  }
  return {
    get code() {
      return code
    },
    matches: given => code !== undefined && equalSecret(utf8(given.trim().toLowerCase()), utf8(code)),
    async close() {
      code = undefined
      await removeSecret(path)
    },
  }
}

function newCode(p: Pick<Primitives, 'random'>): string {
  const wanted = groups * groupLetters
  let text = ''
  // A byte beyond the last whole round of letters would make some of them more likely.
  const limit = 256 - (256 % letters.length)
  while (text.length < wanted) {
    for (const byte of p.random(wanted)) if (byte < limit) text += letters[byte % letters.length]
  }
  const parts = Array.from({ length: groups }, (_, at) =>
    text.slice(at * groupLetters, (at + 1) * groupLetters),
  )
  return parts.join('-')
}
