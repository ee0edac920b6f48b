/** Has threads list the folders that a walk comes to next. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Handle } from '../system/system.ts'
import type { FolderLister, PackedListing } from './listing.ts'

/** A subfolder that a walk will enter. */
export interface NextFolder {
  readonly name: Bytes
  /** Set when a thread was asked for it, and again when it has answered. */
  listing?: Promise<PackedListing | undefined> | PackedListing | 'own'
}

/** A folder on the way down to where the walk stands. */
export interface OnTheWay {
  readonly handle: Handle
  readonly subfolders: readonly NextFolder[]
  /** Index of the subfolder that comes next. */
  readonly next: number
}

/** Folders listed and not yet entered, or being listed. */
const foldersMax = 48
/** Folders in one question. */
const togetherMax = 4
/** What comes so soon is asked for at once; what is further away, when there is enough for a whole question. */
const nearMax = 8
/** A small tree is done before a thread is ready. */
const foldersBefore = 32

export interface ListingAhead {
  /** Asks for what comes next, deepest folder last in `stack`. */
  look(stack: readonly OnTheWay[]): void
}

export function listingAhead(lister: FolderLister): ListingAhead {
  let entered = 0
  return {
    look(stack) {
      if (++entered < foldersBefore) return
      let ahead = 0
      for (let depth = stack.length - 1; depth >= 0 && ahead < foldersMax; depth--) {
        const { handle, subfolders, next } = stack[depth] as OnTheWay
        const near = ahead < nearMax
        let question: NextFolder[] = []
        for (let index = next; index < subfolders.length && ahead < foldersMax; index++, ahead++) {
          const subfolder = subfolders[index] as NextFolder
          if (subfolder.listing !== undefined) continue
          question.push(subfolder)
          if (question.length < togetherMax) continue
          ask(handle, question)
          question = []
        }
        if (question.length > 0 && near) ask(handle, question)
      }
    },
  }

  function ask(folder: Handle, question: readonly NextFolder[]): void {
    const answer = lister.list(
      folder,
      question.map(({ name }) => name),
    )
    for (const [index, subfolder] of question.entries()) {
      const listing = answer.then(listings => {
        subfolder.listing = listings[index] ?? 'own'
        return listings[index]
      })
      // A dead thread is met by whoever waits for it.
      listing.catch(() => undefined)
      subfolder.listing = listing
    }
  }
}
