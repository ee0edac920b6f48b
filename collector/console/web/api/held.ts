/** What a page asks for while nobody is signed in waits for the sign-in, so that the page stands as it was when it comes. */
import { Problem } from './problem.ts'

let waiting: PromiseWithResolvers<void> | undefined

/** Two who sign in at once end each other's sessions; a third time it is something else. */
const waitsMax = 3

/** `out`: told when a question has to wait. Throws what it throws when it is asked again, and the signal's reason. */
export async function held<Answer>(
  ask: () => Promise<Answer>,
  out: () => void,
  signal: AbortSignal,
): Promise<Answer> {
  for (let waits = 0; ; waits++) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401 || waits === waitsMax) throw error
      waiting ??= Promise.withResolvers()
      const { promise } = waiting
      out()
      await Promise.race([promise, ended(signal)])
    }
  }
}

/** Somebody is. */
export function askAgain(): void {
  waiting?.resolve()
  waiting = undefined
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
