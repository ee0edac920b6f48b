/** What a page asks of an opened device: what lay where and when, what is looked at, and a zip of it. */
import type { Bytes } from '@backstay/proto/bytes'
import { type Child, goneFrom, listFolder } from '@backstay/proto/content/archive/folder'
import { entryAt, snapshotNumbered } from '@backstay/proto/content/archive/opened'
import { openSearch, type Search } from '@backstay/proto/content/archive/search'
import { type SegmentOpener, segmentsAhead } from '@backstay/proto/content/archive/segments-ahead'
import { nameText, pathText } from '@backstay/proto/content/archive/shown-text'
import { changesBelow, versionsOf } from '@backstay/proto/content/archive/versions'
import { type Path, pathOf } from '@backstay/proto/content/map/key'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { amountOf, isFolder, type Wish } from '../../archive/basket.ts'
import { isSmall, largeContent, segmentsOf, smallContent } from '../../archive/content.ts'
import { type ZipReport, zipOf } from '../../archive/zip.ts'
import type { OpenedDevice } from '../../opened-device.ts'
import { readPath } from './paths.ts'
import { pulled } from './pulled.ts'
import { type EntryRow, rowOf } from './rows.ts'
import type {
  ChangeCounts,
  ChangeRow,
  FolderRows,
  FoundRow,
  SnapshotRow,
  VersionRow,
  ZipOutput,
} from './vault-answers.ts'

export interface Unlocked extends OpenedDevice {
  search: Promise<Search> | undefined
}

export interface ArchiveParts {
  readonly primitives: Primitives
  readonly opener: SegmentOpener
  readonly unlockedDevice: (device: string) => Promise<Unlocked>
}

const changesMax = 5_000
/** Of a bar: what is more looks the same. */
const countedMax = 20_000
const previewBytesMax = 32 * 1024 * 1024

export function archiveAnswers({ primitives: p, opener, unlockedDevice }: ArchiveParts) {
  return {
    async snapshots(device: string): Promise<readonly SnapshotRow[]> {
      const { archive } = await unlockedDevice(device)
      return archive.snapshots.map(({ commit, body, receivedAtMs }) => {
        const { sequence, complete, entries, bytes, unread } = commit
        return { sequence, receivedAtMs, complete, entries, bytes, unread, label: body.label }
      })
    },
    async roots(device: string, sequence: number): Promise<readonly { path: Path; shown: string }[]> {
      const { archive } = await unlockedDevice(device)
      return snapshotNumbered(archive, sequence).body.roots.map(bytes => {
        const path = readPath(bytes)
        return { path, shown: pathText(path) }
      })
    },
    async folder(device: string, sequence: number, path: Path): Promise<FolderRows> {
      const { archive } = await unlockedDevice(device)
      const listed = await listFolder(archive, snapshotNumbered(archive, sequence), path)
      return { rows: listed.children.map(rowsOf(path)), isCut: listed.isCut, lost: listed.lost.length }
    },
    async gone(device: string, sequence: number, path: Path): Promise<readonly EntryRow[]> {
      const { archive } = await unlockedDevice(device)
      return (await goneFrom(archive, snapshotNumbered(archive, sequence), path)).map(rowsOf(path))
    },
    async versions(device: string, path: Path): Promise<readonly VersionRow[]> {
      const { archive } = await unlockedDevice(device)
      return (await versionsOf(archive, path)).map(({ entry, ...times }) => {
        return { row: rowOf(path, entry, undefined), ...times }
      })
    },
    async changes(device: string, before: number, after: number, path: Path) {
      const rows: ChangeRow[] = []
      const counts = { came: 0, went: 0, changed: 0 }
      for await (const { key, change, was, is } of changesIn(device, before, after, path)) {
        counts[change]++
        if (rows.length >= changesMax) continue
        const own = pathOf(key)
        const there = is ?? was
        const isOfFolder = there !== undefined && isFolder(there)
        // The folder itself may have come or gone: it has its name.
        const shown = own
          .slice(Math.min(path.length, own.length - 1))
          .map(nameText)
          .join('/')
        rows.push({
          ...{ path: own, shown, isFolder: isOfFolder, change },
          ...{ before: was?.size, after: is?.size },
        })
      }
      return { rows, counts, isCut: counts.came + counts.went + counts.changed > rows.length }
    },
    /** How much changed in a folder between two snapshots. */
    async changeCounts(device: string, before: number, after: number, path: Path): Promise<ChangeCounts> {
      const counts = { came: 0, changed: 0, went: 0, isCut: false }
      let counted = 0
      for await (const { change } of changesIn(device, before, after, path)) {
        counts[change]++
        if (++counted < countedMax) continue
        counts.isCut = true
        break
      }
      return counts
    },
    async search(device: string, words: string) {
      const unlocked = await unlockedDevice(device)
      unlocked.search ??= openSearch(unlocked.archive)
      unlocked.search.catch(() => {
        unlocked.search = undefined
      })
      const search = await unlocked.search
      const begun = performance.now()
      const { found, isCut } = search.find(words)
      const rows = found.map(({ path, events }): FoundRow => {
        const last = events.at(-1)
        const isThere = last?.isGone === false
        const gone = last?.isGone ? (last.sequence ?? 0) - 1 : 0
        return {
          path,
          shown: pathText(path),
          isThere,
          lastIn: gone,
          times: events.filter(one => !one.isGone).length,
        }
      })
      return { rows, isCut, names: search.names, lost: search.lost, tookMs: performance.now() - begun }
    },
    async amount(device: string, wishes: readonly Wish[]) {
      return amountOf((await unlockedDevice(device)).archive, wishes)
    },
    /** A file to look at, whole; checked. Throws `too_large`. */
    async file(device: string, sequence: number, path: Path): Promise<Bytes> {
      const { archive } = await unlockedDevice(device)
      const entry = await entryAt(archive, snapshotNumbered(archive, sequence), path)
      if (isFolder(entry) || entry.content === undefined || entry.size > previewBytesMax) {
        throw new Failure('too_large', 'this cannot be shown here', { hint: 'put it into the basket' })
      }
      const segments = segmentsAhead(archive.source, opener)
      if (!isSmall(entry)) {
        const bytes = new Uint8Array(entry.size)
        let at = 0
        for await (const piece of largeContent(p, entry, segments, archive.pages)) {
          bytes.set(piece, at)
          at += piece.length
        }
        return bytes
      }
      const wanted = segmentsOf(entry)
      segments.want(wanted)
      await segments.ready(wanted)
      return smallContent(p, entry, segments)
    },
    async zip(
      device: string,
      wishes: readonly Wish[],
      told: (progress: { readonly entries: number; readonly bytes: number }) => void,
      done: (report: ZipReport) => void,
    ): Promise<ZipOutput> {
      const { archive } = await unlockedDevice(device)
      const control = new AbortController()
      const zip = zipOf(archive, wishes, { opener, signal: control.signal, onProgress: told, done })
      return pulled(zip, () => control.abort())
    },
  }

  async function* changesIn(device: string, before: number, after: number, path: Path) {
    const { archive } = await unlockedDevice(device)
    const [from, to] = [snapshotNumbered(archive, before), snapshotNumbered(archive, after)]
    const below = path.length === 1 ? undefined : path
    for await (const { key, before: was, after: is } of changesBelow(archive, from, to, below)) {
      const change: ChangeRow['change'] = was === undefined ? 'came' : is === undefined ? 'went' : 'changed'
      yield { key, change, was, is }
    }
  }

  function rowsOf(folder: Path) {
    return ({ name, entry, lastIn }: Child) => rowOf([...folder, name], entry, lastIn)
  }
}
