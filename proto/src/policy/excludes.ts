/** Gitignore patterns of a backup set, relative to its root: the same for the walk of a disk and for who asks what a pattern would do. */
import ignore from 'ignore'
import type { Bytes } from '../bytes.ts'
import { Failure } from '../failure.ts'

export interface Excludes {
  readonly patterns: readonly string[]
  /** `path`: names below the root, joined by slashes. */
  excluded(path: string, folder: boolean): boolean
}

/** Names that are not UTF-8 are matched with U+FFFD in place of what is not. */
const decoder = new TextDecoder()

export const nameText = (name: Bytes): string => decoder.decode(name)

/** Undefined when there are no patterns, so that nothing is matched for nothing. Throws `bad_exclude`. */
export function excludesOf(patterns: readonly string[]): Excludes | undefined {
  if (patterns.length === 0) return undefined
  for (const pattern of patterns) {
    if (pattern.trim() === '' || pattern.includes('\0')) {
      throw new Failure('bad_exclude', `${JSON.stringify(pattern)} is not an exclude pattern`, {
        hint: 'patterns are written as in .gitignore, for example "*.tmp" or "/build/"',
      })
    }
  }
  // Paths are ours, not typed: names such as "~" or "..." need no check.
  const matcher = ignore({ ignorecase: false, allowRelativePaths: true }).add([...patterns])
  let answers = 0
  let letters = 0
  return {
    patterns,
    excluded(path, folder) {
      letters += path.length
      if (++answers > answersMax || letters > lettersMax) {
        forget(matcher)
        answers = 0
        letters = path.length
      }
      return matcher.ignores(folder ? `${path}/` : path)
    },
  }
}

/**
 * The matcher keeps each path that it was asked about, for as long as it lives: 300 MB in a walk of half a million. A walk asks about
 * a path once, and the folders above it are soon known again.
 */
const answersMax = 1024
const lettersMax = 4 * 1024 * 1024
const nothing = ignore()

/** What is added makes every answer doubtful, and so it keeps none; no rule is added here. */
function forget(matcher: ReturnType<typeof ignore>): void {
  matcher.add(nothing)
}
