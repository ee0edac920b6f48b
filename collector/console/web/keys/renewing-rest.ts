/** Requests of somebody whose session may have ended meanwhile: as long as his key is open, it proves itself again. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Rest } from '../../rest-link.ts'
import { Problem } from '../api/problem.ts'

/** `renew` throws when there is no key to prove. */
export function renewingRest(rest: Rest, renew: () => Promise<void>): Rest {
  let renewing: Promise<void> | undefined
  const again = () => {
    renewing ??= renew().finally(() => {
      renewing = undefined
    })
    return renewing
  }
  const twice = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask()
    } catch (error) {
      if (!isEnded(error)) throw error
      await again()
      return ask()
    }
  }
  return {
    get: (path, query) => twice(() => rest.get(path, query)),
    post: (path, body) => twice(() => rest.post(path, body)),
    async *octets(path, body, signal): AsyncGenerator<Bytes> {
      try {
        yield* rest.octets(path, body, signal)
        return
      } catch (error) {
        // A session is refused before the first byte.
        if (!isEnded(error)) throw error
      }
      await again()
      yield* rest.octets(path, body, signal)
    },
  }
}

function isEnded(error: unknown): boolean {
  return error instanceof Problem && error.status === 401
}
