/** A stream that another thread takes in pieces, each made while those before are on their way. */
import type { Bytes } from '@backstay/proto/bytes'
import type { ZipOutput } from './vault-answers.ts'

/** Handed over at once: each turn between two threads takes time. */
const pullBytes = 1024 * 1024

/** `abort`: tells whoever makes it that nobody waits. */
export function pulled(stream: AsyncGenerator<Bytes>, abort: () => void): ZipOutput {
  let next = made(taken())
  return {
    pull() {
      const now = next
      next = made(now.then(taken))
      return now
    },
    cancel() {
      abort()
      stream.return(undefined).catch(() => undefined)
    },
  }

  async function taken(): Promise<readonly Bytes[]> {
    const pieces: Bytes[] = []
    for (let bytes = 0; bytes < pullBytes; ) {
      const { done, value } = await stream.next()
      if (done) break
      pieces.push(value)
      bytes += value.length
    }
    return pieces
  }
}

/** What fails before it is asked for is heard of when it is, and not as a mistake of this page. */
function made<Pieces>(pieces: Promise<Pieces>): Promise<Pieces> {
  pieces.catch(() => undefined)
  return pieces
}
