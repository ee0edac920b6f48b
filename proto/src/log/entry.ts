/**
 * What a leaf of the log stands for. Its bytes are canonical JSON (RFC 8785: sorted names, no spaces), so whoever exports
 * entries can prove each one with a hash and no code of ours.
 */
import { type Bytes, utf8 } from '../bytes.ts'

export interface LogEntry {
  /** The collector's clock. */
  readonly atMs: number
  /** Who: `device:<id>`, `admin:<key id>`, `person:<name>`, `collector` … */
  readonly actor: string
  /** What, in a word: `commit`, `policy`, `sign-in` … */
  readonly action: string
  /** The device that it is about, lower-case hex. */
  readonly device?: string | undefined
  /** What else it is about; of a record its id. */
  readonly target?: string | undefined
  readonly detail?: Detail | undefined
}

export type Detail = Readonly<Record<string, string | number | boolean>>

/** What `leafHash` is taken of. */
export function entryBytes(entry: LogEntry): Bytes {
  return utf8(canonical({ ...entry }))
}

/** What is undefined is left out. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  // RFC 8785 §3.2.3: by UTF-16 code units, as sort does.
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}
