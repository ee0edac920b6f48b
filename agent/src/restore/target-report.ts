/** What did not come back exactly as it was, said for each entry and counted. */
import type { Bytes } from '@backstay/proto/bytes'

export type IssueKind =
  /** The name is empty, `.`, `..`, too long, or holds a slash or a NUL. */
  | 'bad_name'
  /** The name is taken and the conflict rule is to refuse. */
  | 'taken'
  /** The name was taken: `detail` is the name it got. */
  | 'renamed'
  /** The folder that it is in was left out. */
  | 'folder_left_out'
  /** The backup could not read it. */
  | 'unread'
  /** The content is not as long as the entry says, or is missing. */
  | 'content'
  /** Only root restores it, when asked to. */
  | 'needs_root'
  /** The system refused it: `detail` is the error. */
  | 'refused'
  /** It is a copy and not a hard link. */
  | 'copied_link'
  | 'owner'
  | 'set_id'
  | 'mode'
  | 'attribute'
  | 'time'

export interface Issue {
  readonly what: IssueKind
  /** Of the entry; empty for the target as a whole. */
  readonly path: readonly Bytes[]
  /** An error name, an attribute's name, the new name: never content. */
  readonly detail: string
}

export interface Outcome {
  readonly what: 'written' | 'renamed' | 'there' | 'left_out'
  readonly issues: readonly Issue[]
}

export interface Report {
  readonly written: number
  /** Entries that were there already, the same, where a restore may go on (TargetOptions.sign). */
  readonly there: number
  readonly leftOut: number
  readonly bytes: number
  /** How many of each kind there were. */
  readonly counts: Readonly<Partial<Record<IssueKind, number>>>
  /** The first of them. */
  readonly issues: readonly Issue[]
}

/** More would fill memory and nobody reads them; every outcome still names its own. */
export const issuesMax = 10_000

export interface Reporter {
  /** Notes what is not as it was about the entry being written. */
  issue(what: IssueKind, detail: string, path?: readonly Bytes[]): void
  /** Begins an entry. */
  begin(path: readonly Bytes[]): void
  written(bytes: number): Outcome
  there(): Outcome
  leftOut(): Outcome
  /** Counts entries that somebody else wrote. */
  add(done: Pick<Report, 'written' | 'there' | 'leftOut' | 'bytes'>): void
  report(): Report
}

const flawless: Outcome = { what: 'written', issues: [] }

export function reporter(): Reporter {
  const counts: Partial<Record<IssueKind, number>> = {}
  const issues: Issue[] = []
  let path: readonly Bytes[] = []
  let current: Issue[] = []
  let written = 0
  let there = 0
  let leftOut = 0
  let bytes = 0
  return {
    issue(what, detail, of = path) {
      const issue = { what, path: of, detail }
      counts[what] = (counts[what] ?? 0) + 1
      if (issues.length < issuesMax) issues.push(issue)
      if (of === path) current.push(issue)
    },
    begin(of) {
      path = of
      if (current.length > 0) current = []
    },
    written(length) {
      written++
      bytes += length
      if (current.length === 0) return flawless
      const isRenamed = current.some(issue => issue.what === 'renamed')
      return { what: isRenamed ? 'renamed' : 'written', issues: current }
    },
    there() {
      there++
      return { what: 'there', issues: current }
    },
    leftOut() {
      leftOut++
      return { what: 'left_out', issues: current }
    },
    add(done) {
      written += done.written
      there += done.there
      leftOut += done.leftOut
      bytes += done.bytes
    },
    report: () => ({ written, there, leftOut, bytes, counts, issues }),
  }
}
