/**
 * What the agent remembers of its last acknowledged snapshot: the leaf pages of the map with a sheet each, and the
 * block hashes of large files. It belongs to one commit and changes in one transaction with it. Lost memory costs
 * time, never data: files are read again and, known by content, not sent again.
 */
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Bytes } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import type { Child } from '@backstay/proto/content/map/page'
import type { NameEvent, NameRun } from '@backstay/proto/content/names'
import { Failure } from '@backstay/proto/failure'
import type { ObjectId } from '@backstay/proto/object/id'

export interface RememberedLeaf {
  readonly child: Child
  readonly sheet: Bytes
  /** The sealed page. */
  readonly stored: Bytes
  /** Of the large files on it, what their blocks are remembered by; see `blocks`. */
  readonly large: readonly string[]
}

/** A leaf page as a walk through all of them sees it. */
export interface LeafOfMemory {
  readonly child: Child
  sheet(): Bytes
}

/** What the collector holds of our lists of names. */
export interface NamesMemory {
  /** Undefined: it is lost, and the runs are not. */
  readonly index: Reference | undefined
  readonly runs: readonly NameRun[]
  /** False: some runs are lost, so that all names must be listed anew. */
  readonly isComplete: boolean
  /** When the last run was made, unix milliseconds; 0: one is due. */
  readonly listedAtMs: number
}

export interface Memory {
  /** Record id of the commit that this memory belongs to. */
  readonly commit: ObjectId | undefined
  /** When worn segments were last laid anew, unix milliseconds; 0: never. */
  readonly relaidAtMs: number
  /** Leaf pages in order of their keys; `withSheets`: nearly all sheets will be asked for, so they are read along. */
  leaves(withSheets: boolean): Iterable<LeafOfMemory>
  leafIds(): Iterable<ObjectId>
  /** Forgets these leaf pages at once: what stands on them counts as new. */
  forget(ids: readonly ObjectId[]): void
  /** The sealed bytes of a leaf page. */
  leafPage(id: ObjectId): Bytes | undefined
  /** What was remembered of the blocks of a large file, by the first 8 bytes of its SHA-256 as in a sheet. */
  blocks(content: string): Bytes | undefined
  /** Undefined: there are no lists yet. */
  readonly names: NamesMemory | undefined
  /** Replaces what is known of the lists, at once. */
  setNames(names: NamesMemory): void
  /** What came and went since the last run, in order of keys and then of snapshots. */
  nameEvents(): Iterable<NameEvent>
  /** The first snapshot that they tell of. */
  readonly firstNameEvent: number | undefined
  /** Begins the change to the next commit; reads go on showing the old state until it is done. */
  change(): MemoryChange
  close(): void
}

export interface MemoryChange {
  leaf(leaf: RememberedLeaf): void
  /** The leaf page with this id stays as it is, with what is remembered of its large files. */
  keep(id: ObjectId): void
  /** Of a large file on one of the leaf pages that are given. */
  blocks(content: string, hashes: Bytes): void
  relaid(atMs: number): void
  nameEvent(event: NameEvent): void
  /** A run was made of all that came and went. */
  names(names: NamesMemory): void
  /** Makes it the memory of this commit: all that was neither given nor kept is forgotten. */
  finish(commit: ObjectId): void
  abandon(): void
}

const schema = `
  CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS leaves (
    first_key BLOB PRIMARY KEY, id TEXT NOT NULL, key BLOB NOT NULL, entries INTEGER NOT NULL, bytes INTEGER NOT NULL,
    unread INTEGER NOT NULL, large TEXT NOT NULL, sheet BLOB NOT NULL, stored BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS leaves_by_id ON leaves (id);
  CREATE TABLE IF NOT EXISTS blocks (content TEXT PRIMARY KEY, hashes BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS name_events (
    key BLOB NOT NULL, sequence INTEGER NOT NULL, gone INTEGER NOT NULL, PRIMARY KEY (key, sequence)) WITHOUT ROWID;
`
/** Another number: the memory of another version, forgotten and made anew. */
const memoryVersion = 2

/** Opens or makes the memory; one that is damaged is deleted, since it can be rebuilt. */
export function openMemory(file: string): Memory {
  try {
    return opened(file)
  } catch (error) {
    if (!isDamage(error)) {
      throw new Failure('memory_unusable', `the agent's memory "${file}" cannot be opened`, {
        hint: 'check the permissions and free space of the state folder',
        cause: error,
      })
    }
    for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true })
    return opened(file)
  }
}

function opened(file: string): Memory {
  const writer = new DatabaseSync(file)
  writer.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4096')
  const { user_version: version } = writer.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version !== memoryVersion) {
    writer.exec(
      'DROP TABLE IF EXISTS state; DROP TABLE IF EXISTS leaves; DROP TABLE IF EXISTS blocks; DROP TABLE IF EXISTS name_events',
    )
    writer.exec(`PRAGMA user_version = ${memoryVersion}`)
  }
  writer.exec(schema)
  const reader = new DatabaseSync(file, { readOnly: true })
  reader.exec('PRAGMA cache_size = -2048')
  const commitRow = reader.prepare(`SELECT value FROM state WHERE name = 'commit'`)
  const sheetById = reader.prepare('SELECT sheet FROM leaves WHERE id = ?')
  const relaidRow = reader.prepare(`SELECT value FROM state WHERE name = 'relaid'`)
  const leafById = reader.prepare('SELECT stored FROM leaves WHERE id = ?')
  const namesRow = reader.prepare(`SELECT value FROM state WHERE name = 'names'`)
  const firstEvent = reader.prepare('SELECT min(sequence) AS first FROM name_events')
  const blocksOf = reader.prepare('SELECT hashes FROM blocks WHERE content = ?')
  return {
    get commit() {
      return commitRow.get()?.value as ObjectId | undefined
    },
    get relaidAtMs() {
      return Number(relaidRow.get()?.value ?? 0)
    },
    *leaves(withSheets) {
      // A statement of its own: several walks through the leaves go on at once.
      const all = reader.prepare(
        `SELECT first_key, id, key, entries, bytes, unread ${withSheets ? ', sheet' : ''} FROM leaves ORDER BY first_key`,
      )
      for (const row of all.iterate()) {
        const child = childOf(row)
        const { sheet } = row
        yield {
          child,
          sheet: () => (sheet ?? sheetById.get(child.reference.id)?.sheet) as Bytes,
        }
      }
    },
    *leafIds() {
      for (const row of reader.prepare('SELECT id FROM leaves ORDER BY first_key').iterate())
        yield row.id as ObjectId
    },
    forget(ids) {
      if (ids.length === 0) return
      const remove = writer.prepare('DELETE FROM leaves WHERE id = ?')
      writer.exec('BEGIN IMMEDIATE')
      for (const id of ids) remove.run(id)
      writer.exec('COMMIT')
    },
    leafPage: id => leafById.get(id)?.stored as Bytes | undefined,
    blocks: content => blocksOf.get(content)?.hashes as Bytes | undefined,
    get names() {
      const text = namesRow.get()?.value
      return text === undefined ? undefined : namesOf(text as string)
    },
    setNames: names => rememberNames(writer, names),
    *nameEvents() {
      const all = reader.prepare('SELECT key, sequence, gone FROM name_events ORDER BY key, sequence')
      for (const { key, sequence, gone } of all.iterate())
        yield { key: key as Bytes, sequence: sequence as number, isGone: gone !== 0 }
    },
    get firstNameEvent() {
      return (firstEvent.get()?.first ?? undefined) as number | undefined
    },
    change: () => guarded(beginChange(writer), file),
    close() {
      reader.close()
      writer.close()
    },
  }
}

function childOf(row: Record<string, unknown>): Child {
  return {
    reference: { id: row.id as ObjectId, key: row.key as Bytes },
    firstKey: row.first_key as Bytes,
    entries: row.entries as number,
    bytes: row.bytes as number,
    unread: row.unread as number,
  }
}

function beginChange(writer: DatabaseSync): MemoryChange {
  writer.exec(`BEGIN IMMEDIATE;
    CREATE TEMP TABLE IF NOT EXISTS kept_leaves (id TEXT PRIMARY KEY) WITHOUT ROWID;
    DELETE FROM kept_leaves`)
  const addLeaf = writer.prepare(
    `INSERT OR REPLACE INTO leaves (first_key, id, key, entries, bytes, unread, large, sheet, stored)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const keepLeaf = writer.prepare('INSERT OR IGNORE INTO kept_leaves VALUES (?)')
  const addBlocks = writer.prepare('INSERT OR REPLACE INTO blocks (content, hashes) VALUES (?, ?)')
  const addEvent = writer.prepare('INSERT OR REPLACE INTO name_events (key, sequence, gone) VALUES (?, ?, ?)')
  return {
    leaf({ child, sheet, stored, large }) {
      const { firstKey, reference, entries, bytes, unread } = child
      const { id, key } = reference
      addLeaf.run(firstKey, id, key, entries, bytes, unread, JSON.stringify(large), sheet, stored)
      keepLeaf.run(id)
    },
    keep: id => void keepLeaf.run(id),
    blocks: (content, hashes) => void addBlocks.run(content, hashes),
    relaid(atMs) {
      writer.prepare(`INSERT OR REPLACE INTO state VALUES ('relaid', ?)`).run(String(atMs))
    },
    nameEvent: ({ key, sequence, isGone }) => void addEvent.run(key, sequence, isGone ? 1 : 0),
    names(names) {
      writer.exec('DELETE FROM name_events')
      rememberNames(writer, names)
    },
    finish(commit) {
      writer.exec('DELETE FROM leaves WHERE id NOT IN (SELECT id FROM kept_leaves)')
      writer.exec(`DELETE FROM blocks WHERE content NOT IN
        (SELECT value FROM leaves, json_each(leaves.large) WHERE leaves.large <> '[]')`)
      writer.prepare(`INSERT OR REPLACE INTO state VALUES ('commit', ?)`).run(commit)
      writer.exec('COMMIT')
    },
    abandon() {
      // A failed write may have rolled back already.
      if (writer.isTransaction) writer.exec('ROLLBACK')
    },
  }
}

type ReferenceText = { readonly id: ObjectId; readonly key: string }
type NamesText = Omit<NamesMemory, 'index' | 'runs'> & {
  readonly index?: ReferenceText
  readonly runs: readonly (Omit<NameRun, 'reference'> & { readonly reference: ReferenceText })[]
}

const referenceText = ({ id, key }: Reference): ReferenceText => ({ id, key: key.toHex() })
const referenceOf = ({ id, key }: ReferenceText): Reference => ({ id, key: Uint8Array.fromHex(key) })

function rememberNames(writer: DatabaseSync, { index, runs, ...rest }: NamesMemory): void {
  const text: NamesText = {
    ...rest,
    ...(index && { index: referenceText(index) }),
    runs: runs.map(run => ({ ...run, reference: referenceText(run.reference) })),
  }
  writer.prepare(`INSERT OR REPLACE INTO state VALUES ('names', ?)`).run(JSON.stringify(text))
}

function namesOf(text: string): NamesMemory {
  const { index, runs, ...rest } = JSON.parse(text) as NamesText
  return {
    ...rest,
    index: index && referenceOf(index),
    runs: runs.map(run => ({ ...run, reference: referenceOf(run.reference) })),
  }
}

/** The same change, whose failures name the file and what to do. */
function guarded(change: MemoryChange, file: string): MemoryChange {
  const attempt = (work: () => void): void => {
    try {
      work()
    } catch (cause) {
      throw new Failure('memory_full', `the agent's memory "${file}" cannot be written`, {
        remedy: 'retry',
        hint: 'free some space in the state folder; the next backup goes on where this one was',
        cause,
      })
    }
  }
  return {
    leaf: leaf => attempt(() => change.leaf(leaf)),
    keep: id => attempt(() => change.keep(id)),
    blocks: (content, hashes) => attempt(() => change.blocks(content, hashes)),
    relaid: atMs => attempt(() => change.relaid(atMs)),
    nameEvent: event => attempt(() => change.nameEvent(event)),
    names: names => attempt(() => change.names(names)),
    finish: commit => attempt(() => change.finish(commit)),
    abandon: change.abandon,
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === 11 || code === 26
}
