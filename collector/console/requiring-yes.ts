/** The last word before something is signed in a terminal. */
import { Failure } from '@backstay/proto/failure'
import type { Surroundings } from './surroundings.ts'

/** `yes`: said on the command line. Throws `not_confirmed`. */
export async function requireYes(
  { terminal }: Pick<Surroundings, 'terminal'>,
  yes: boolean | undefined,
  question = 'sign?',
): Promise<void> {
  if (yes) return
  if (!terminal.interactive)
    throw new Failure('not_confirmed', 'nobody is here to confirm', { hint: 'add --yes' })
  if (!/^y(es)?$/i.test((await terminal.ask(`${question} [y/N] `)).trim()))
    throw new Failure('not_confirmed', 'it was not confirmed', { hint: 'nothing was signed' })
}
