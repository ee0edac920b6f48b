/**
 * Secrets on their way from one keychain into another. At every moment the file that says which keychain it is names each place
 * in which a secret may lie, and the one that it names first holds all of them:
 *
 *     1. {file}                        2. {file, also system}: copies are made there, and compared
 *     3. {system, also file}           4. the old ones are removed: {system}
 *
 * Cut off at 2 or 3, it is ended in the same way: what lies in the other place is removed.
 */
import { equalBytes } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { Keychain } from './keychain.ts'

export interface Kept<Choice> {
  readonly choice: Choice
  /** Where copies may lie. */
  readonly also: Choice | undefined
}

export interface MoveParts<Choice> {
  /** Durable when it resolves. */
  write(kept: Kept<Choice>): Promise<void>
  /** Throws `keychain_unavailable`. */
  open(choice: Choice): Promise<Keychain>
}

/**
 * Returns the keychain that holds them now; `from` has no copies yet. Where the old ones cannot be removed afterwards, that is
 * written down and can be done later. Throws before that, and then they are where they were.
 */
export async function moveSecrets<Choice>(
  { write, open }: MoveParts<Choice>,
  { from, to }: { readonly from: Choice; readonly to: Choice },
  names: readonly string[],
): Promise<Keychain> {
  const [before, after] = [await open(from), await open(to)]
  const parts = { write, open }
  await write({ choice: from, also: to })
  try {
    for (const name of names) await copy(before, after, name)
  } catch (error) {
    await settleSecrets(parts, { choice: from, also: to }, names).catch(orLater)
    throw error
  }
  const moved = { choice: to, also: from }
  await write(moved)
  await settleSecrets(parts, moved, names).catch(orLater)
  return after
}

/** It is written down what is left. */
function orLater(error: unknown): void {
  if (!isFailure(error)) throw error
}

/** Removes copies that a move left. */
export async function settleSecrets<Choice>(
  { write, open }: MoveParts<Choice>,
  { choice, also }: Kept<Choice>,
  names: readonly string[],
): Promise<void> {
  if (also === undefined) return
  const other = await open(also)
  for (const name of names) await other.delete(name)
  await write({ choice, also: undefined })
}

async function copy(from: Keychain, to: Keychain, name: string): Promise<void> {
  const secret = await from.get(name)
  if (secret === undefined) {
    throw new Failure('identity_damaged', `secret "${name}" is not in its keychain`, {
      remedy: 'repair',
      hint: 'put back the state folder from a copy of it, or enroll this device anew: backstay-agent enroll',
    })
  }
  await to.set(name, secret)
  const copied = await to.get(name)
  if (copied !== undefined && equalBytes(copied, secret)) return
  throw new Failure('keychain_unavailable', 'the other keychain does not keep what it is given', {
    hint: 'the keys of this device stay where they are',
  })
}
