/** The outcome of a backup on its way from the running agent to the command that asked for it. */
import type { Bytes } from '@backstay/proto/bytes'
import type { BackupOutcome } from '../backup/run-backup.ts'

/** What a command shows of it. */
export interface ToldOutcome
  extends Pick<
    BackupOutcome,
    'sequence' | 'changed' | 'readBytes' | 'sentObjects' | 'sentBytes' | 'roots' | 'alarms'
  > {
  readonly commit: string
  readonly built: { readonly entries: number; readonly bytes: number }
  readonly unread: ReadonlyMap<string, number>
}

export function tellOutcome(outcome: BackupOutcome): unknown {
  const { built, unread, roots, ...rest } = outcome
  return {
    ...rest,
    built: { entries: built.entries, bytes: built.bytes },
    unread: [...unread],
    roots: roots.map(root => Buffer.from(root).toString('base64')),
  }
}

/** Both programs are of one installation: what is said is believed as it was typed. */
export function toldOutcome(told: unknown): ToldOutcome {
  const said = told as Omit<ToldOutcome, 'unread' | 'roots'> & {
    readonly unread: readonly [string, number][]
    readonly roots: readonly string[]
  }
  const roots: Bytes[] = said.roots.map(root => new Uint8Array(Buffer.from(root, 'base64')))
  return { ...said, unread: new Map(said.unread), roots }
}
