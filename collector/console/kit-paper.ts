/**
 * A recovery kit becomes paper: its page is written to be printed, and a part of the printed page is typed back. A page that nobody
 * can read is found now, not at night after the fire.
 */
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import {
  groupsInLine,
  type Kit,
  kitCheckWords,
  kitGroups,
  kitLines,
  type OwnerPaper,
} from '@backstay/proto/content/kit'
import { sameWords } from '@backstay/proto/content/words'
import { Failure, isFailure } from '@backstay/proto/failure'
import { type KitPage, kitPage } from './kit-page.ts'
import type { Surroundings } from './surroundings.ts'

/** Where the page lies until it is printed. */
export interface KitFile {
  readonly path: string
  write(page: Bytes): Promise<void>
}

export async function writeKitPage(
  { primitives, clock, terminal }: Surroundings,
  file: KitFile,
  page: Omit<KitPage, 'madeAtMs'>,
): Promise<void> {
  await file.write(utf8(await kitPage(primitives, { ...page, madeAtMs: clock.now() })))
  const what = 'identity' in page.kit ? 'recovery kit' : 'owner key'
  terminal.say(`${what}: "${file.path}"`)
  terminal.say('print it now, put it in a safe, then delete the file')
}

/**
 * Returns when the check words and one group of the last line were typed rightly; asks as often as it takes. Throws
 * `kit_not_checked` when nobody answers.
 */
export async function confirmKit(around: Surroundings, kit: Kit | OwnerPaper): Promise<void> {
  const { terminal, primitives } = around
  const words = await kitCheckWords(primitives, kit)
  const number = 1 + ((primitives.random(1)[0] as number) % groupsInLine)
  const last = kitLines(kit).at(-1)
  const group = last === undefined ? '' : (kitGroups(last).groups[number - 1] ?? '')
  terminal.say('to go on, read from the printed page; interrupted, go on later with the same command')
  await askUntil(around, 'the four check words: ', 'these are not the check words', typed =>
    sameWords(typed, words),
  )
  const place = `line ${last?.number}, group ${number} of ${groupsInLine}: `
  await askUntil(around, place, 'that group reads otherwise', typed => {
    return typed.replaceAll(/\s/g, '').toUpperCase() === group
  })
}

async function askUntil(
  around: Surroundings,
  question: string,
  wrong: string,
  right: (typed: string) => boolean,
): Promise<void> {
  try {
    while (!right(await around.terminal.ask(question))) around.terminal.say(wrong)
  } catch (error) {
    if (!isFailure(error, 'no_answer')) throw error
    throw new Failure('kit_not_checked', 'nobody typed what the printed page says: it stops here', {
      hint: 'print the page and give the same command again where somebody can type, or with --unattended',
      cause: error,
    })
  }
}
