/** What a person may choose of a build by its names, and what is said to him when it cannot be done. */
import { Failure, isFailure } from '@backstay/proto/failure'

/** All when nothing was chosen; `names` are separated by commas. Throws `bad_choice`. */
export function chosen<T extends { readonly name: string }>(
  what: string,
  all: readonly T[],
  names: string | undefined,
): readonly T[] {
  return (
    names?.split(',').map(name => {
      const found = all.find(one => one.name === name)
      if (found !== undefined) return found
      const hint = `one of: ${all.map(one => one.name).join(', ')}`
      throw new Failure('bad_choice', `there is no ${what} "${name}"`, { hint })
    }) ?? all
  )
}

/** Runs a program of this folder; a foreseen failure is printed and becomes its exit code. */
export async function tellingFailures(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isFailure(error)) throw error
    console.error(`error: ${error.message}`)
    if (error.hint !== undefined) console.error(`hint: ${error.hint}`)
    process.exitCode = 1
  }
}
