/** What the files of a simulated laptop were at any time, in simulated time: what a snapshot of then is compared with. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'

export interface FileHistory {
  /** From now on; undefined: it is gone. */
  note(path: string, content: Bytes | undefined): void
  /** Of contents that were read somewhere between two times: which are none of that time, and which are not there. */
  wrongIn(read: ReadFiles, span: Span, part?: Part): string[]
  /** Whether there ever was a file below it. */
  isFolder(path: string): boolean
  /** When the first change came that was made after a time; undefined: none did. */
  firstChangeMs(afterMs: number): number | undefined
}

/** SHA-256 in hexadecimal digits by path; undefined: it is there, and was not read. */
export type ReadFiles = ReadonlyMap<string, string | undefined>

export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** Of all files. */
export interface Part {
  /** A file, or a folder with all below it. */
  readonly path: string
  /** False: not all of it needs to be there. */
  readonly isWhole: boolean
}

interface Version {
  readonly fromMs: number
  /** Undefined: it is not there from then on. */
  readonly sha256: string | undefined
}

export function fileHistory(p: Primitives, passedMs: () => number): FileHistory {
  const history = new Map<string, Version[]>()
  const changes: number[] = []

  function isVersion(path: string, sha256: string, { fromMs, untilMs }: Span): boolean {
    const versions = history.get(path) ?? []
    return versions.some(
      (version, index) =>
        version.sha256 === sha256 &&
        version.fromMs <= untilMs &&
        (versions[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY) >= fromMs,
    )
  }

  function isThereThroughout(path: string, { fromMs, untilMs }: Span): boolean {
    const versions = history.get(path) ?? []
    const before = versions.findLast(version => version.fromMs < fromMs)
    const meanwhile = versions.filter(version => version.fromMs >= fromMs && version.fromMs <= untilMs)
    return before?.sha256 !== undefined && meanwhile.every(version => version.sha256 !== undefined)
  }

  return {
    // At once: what is noted in one moment is noted in its order.
    note(path, content) {
      const versions = history.get(path) ?? []
      history.set(path, versions)
      versions.push({ fromMs: passedMs(), sha256: content && sha256Of(p, content) })
      changes.push(passedMs())
    },
    wrongIn(read, span, { path: top, isWhole } = everything) {
      const wrong: string[] = []
      for (const [path, sha256] of read) {
        if (sha256 !== undefined && !isVersion(path, sha256, span))
          wrong.push(`${path} is none of its versions`)
      }
      for (const path of history.keys()) {
        const isWanted = isWhole && (path === top || path.startsWith(`${top}/`))
        if (isWanted && !read.has(path) && isThereThroughout(path, span)) wrong.push(`${path} is not in it`)
      }
      return wrong
    },
    isFolder: path => history.keys().some(known => known.startsWith(`${path}/`)),
    firstChangeMs: afterMs => changes.find(ms => ms > afterMs),
  }
}

const everything: Part = { path: '', isWhole: true }

export function sha256Of(p: Primitives, content: Bytes): string {
  const hasher = p.hasher()
  hasher.update(content)
  return hex(hasher.digest())
}
