/** Has threads list the folders that a walk comes to next. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Handle } from '../system/system.ts'
import type { Along, FolderLister, PackedListing } from './listing.ts'

/** A subfolder that a walk will enter. */
export interface NextFolder {
  readonly name: Bytes
  /** Set when a thread was asked for it, again when it has answered, and no more when the walk has come to it. */
  listing?: Promise<PackedListing | undefined> | PackedListing | 'own' | undefined
}

/** A folder on the way down to where the walk stands. */
export interface OnTheWay {
  readonly handle: Handle
  readonly subfolders: readonly NextFolder[]
  /** Index of the subfolder that comes next. */
  readonly next: number
  /** Undefined on the way to roots: the walk goes into few of the folders there. */
  readonly along: Along | undefined
}

/** Entries listed and not yet come to, or being listed; each takes 170 bytes. */
const entriesMax = 16_384
/** In a folder that is not yet listed, and in what is listed along with it. */
const entriesGuess = 128
/** Folders in one question. */
const togetherMax = 2
/**
 * Questions that are out: enough that no thread waits for the walk. No more, since the walk comes to know folders that are nearer
 * than those already asked for, and threads answer in the order of asking.
 */
const questionsMax = 6
/** What comes so soon is asked for at once; what is further away, when there is enough for a whole question. */
const nearMax = 8
/** A small tree is done before a thread is ready. */
const foldersBefore = 32

export interface ListingAhead {
  /** The walk has entered a folder. */
  entered(): void
  /** The walk has ended; the handles on the way are valid no more. */
  end(): void
}

/** `stack`: deepest folder last; looked at again whenever a thread has answered. */
export function listingAhead(lister: FolderLister, stack: readonly OnTheWay[]): ListingAhead {
  let folders = 0
  let questions = 0
  let hasEnded = false
  return {
    entered() {
      if (++folders >= foldersBefore) look()
    },
    end() {
      hasEnded = true
    },
  }

  /** Asks for what comes next. */
  function look(): void {
    let [ahead, folders] = [0, 0]
    for (let depth = stack.length - 1; depth >= 0 && ahead < entriesMax; depth--) {
      const { handle, subfolders, next, along } = stack[depth] as OnTheWay
      const near = folders < nearMax
      let question: NextFolder[] = []
      for (let index = next; index < subfolders.length && ahead < entriesMax; index++, folders++) {
        if (questions >= questionsMax) return
        const subfolder = subfolders[index] as NextFolder
        ahead += entriesOf(subfolder)
        if (subfolder.listing !== undefined) continue
        question.push(subfolder)
        if (question.length < togetherMax) continue
        ask(handle, question, along)
        question = []
      }
      if (question.length > 0 && near) ask(handle, question, along)
    }
  }

  function ask(folder: Handle, question: readonly NextFolder[], along: Along | undefined): void {
    const answer = lister.list(
      folder,
      question.map(({ name }) => name),
      along,
    )
    questions++
    for (const [index, subfolder] of question.entries()) {
      const listing = answer.then(listings => {
        subfolder.listing = listings[index] ?? 'own'
        return listings[index]
      })
      // A dead thread is met by whoever waits for it.
      listing.catch(() => undefined)
      subfolder.listing = listing
    }
    answer.then(
      () => {
        questions--
        if (!hasEnded) look()
      },
      () => undefined,
    )
  }
}

function entriesOf({ listing }: NextFolder): number {
  return typeof listing === 'object' && 'entries' in listing ? listing.entries : entriesGuess
}
