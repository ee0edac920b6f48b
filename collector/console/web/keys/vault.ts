/**
 * The room with the keys: runs in a worker of its own, so that no other code of the page can read them, and long work does not
 * stop the page. What goes in and out are plain values; keys never go out.
 */
import { type Bytes, fromUtf8, hex, utf8 } from '@backstay/proto/bytes'
import { openWith } from '@backstay/proto/content/age'
import { type Child, goneFrom, listFolder } from '@backstay/proto/content/archive/folder'
import { entryAt, snapshotNumbered } from '@backstay/proto/content/archive/opened'
import { openSearch, type Search } from '@backstay/proto/content/archive/search'
import type { SegmentOpener } from '@backstay/proto/content/archive/segments-ahead'
import { segmentsAhead } from '@backstay/proto/content/archive/segments-ahead'
import { pathText } from '@backstay/proto/content/archive/shown-text'
import { changesBelow, versionsOf } from '@backstay/proto/content/archive/versions'
import { readOwnerPaper } from '@backstay/proto/content/kit'
import type { Path } from '@backstay/proto/content/map/key'
import { pathOf } from '@backstay/proto/content/map/key'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { writeInvitation } from '@backstay/proto/trust/invitation'
import type { WishedPlace } from '@backstay/proto/trust/restore-wish'
import { amountOf, isFolder, type Wish } from '../../archive/basket.ts'
import { isSmall, largeContent, segmentsOf, smallContent } from '../../archive/content.ts'
import { type ZipReport, zipOf } from '../../archive/zip.ts'
import { type Draft, signDraft, signRestore } from '../../drafts.ts'
import { type KeyHolder, openKeyHolder, signInWithKey } from '../../key-holder.ts'
import { type OpenedDevice, openDevice } from '../../opened-device.ts'
import type { Change } from '../../policy/change.ts'
import { type FilesEffect, filesEffect } from '../../policy/files-effect.ts'
import { changeOfDraft, effectOf, type OrderDraft, type OrderEffect } from '../../policy/order-drafts.ts'
import { linkRecords } from '../../record-source.ts'
import type { Rest, RestLink } from '../../rest-link.ts'
import { type PreparedTrust, prepareTrust, signPrepared, type TrustChange } from '../../trust/trust-change.ts'
import { certificateOf } from '../../unlock.ts'
import { readPath } from './paths.ts'
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

export interface VaultParts {
  readonly primitives: Primitives
  readonly rest: Rest
  readonly link: RestLink
  readonly opener: SegmentOpener
  readonly now: () => number
}

export interface OpenWith {
  /** Undefined: the one that the key file names. */
  readonly fleet: string | undefined
  /** Trust envelopes as far as they were known before. */
  readonly chain: readonly Bytes[]
  readonly keyFile: Bytes
  readonly keyName: string
  readonly passphrase: string
  /** Where new devices find the collector. */
  readonly urls: readonly string[]
}

const changesMax = 5_000
/** Of a bar: what is more looks the same. */
const countedMax = 20_000
/** Of a zip, handed over at once: each turn between two threads takes time. */
const pullBytes = 1024 * 1024
const previewBytesMax = 32 * 1024 * 1024

interface Unlocked extends OpenedDevice {
  search: Promise<Search> | undefined
}

export function openVault({ primitives: p, rest, link, opener, now }: VaultParts) {
  let holder: KeyHolder | undefined
  let urls: readonly string[] = []
  let prepared: (PreparedTrust & { readonly id: string; readonly kind: TrustChange['kind'] }) | undefined
  /** Of the order that was asked about last: its effect on files is told after all else. */
  let change: { readonly words: string; readonly is: Promise<Change> } | undefined
  const devices = new Map<string, Promise<Unlocked>>()

  function requireHolder(): KeyHolder {
    if (holder !== undefined) return holder
    throw new Failure('locked', 'the key is locked', { hint: 'unlock it with your passphrase' })
  }

  async function unlockedDevice(device: string): Promise<Unlocked> {
    const known = devices.get(device) ?? unlock(device as DeviceId)
    devices.set(device, known)
    known.catch(() => devices.delete(device))
    return known
  }

  async function unlock(device: DeviceId): Promise<Unlocked> {
    return { ...(await openDevice(requireHolder(), device)), search: undefined }
  }

  return {
    async open({ fleet, urls: given, ...options }: OpenWith) {
      const known = { fleet: fleet as FleetId | undefined, chain: options.chain }
      holder = await openKeyHolder({ primitives: p, rest, link, known, ...options })
      urls = given
      return { name: holder.name, roles: holder.roles }
    },
    /** Anew, when the session of the key has ended. */
    async signIn() {
      const { signingKey, trust, history } = requireHolder()
      await signInWithKey(rest, signingKey, trust.fleet, history)
    },
    lock() {
      holder = undefined
      prepared = undefined
      change = undefined
      devices.clear()
    },
    async sign(draft: Draft) {
      const { envelope, token } = await signDraft(requireHolder(), draft, { nowMs: now(), urls })
      return { envelope: envelope.toBase64(), ...(token !== undefined && { token }) }
    },
    /** What an order would do; see policy/order-drafts.ts. */
    async effect(draft: OrderDraft): Promise<OrderEffect> {
      const own = requireHolder()
      change = { words: JSON.stringify(draft), is: changeOfDraft(own, draft, now()) }
      return effectOf(own, await change.is, now())
    },
    /** What it would do to files, by the keys of the devices that it concerns; see policy/files-effect.ts. */
    async files(draft: OrderDraft): Promise<FilesEffect> {
      const seen = change?.words === JSON.stringify(draft) ? change.is : undefined
      const is = await (seen ?? changeOfDraft(requireHolder(), draft, now()))
      return filesEffect(is, async device => (await unlockedDevice(device)).archive)
    },
    /** Composes the next Trust, and says what it says and does; nothing else can be signed than what was composed last. */
    async prepareTrust(
      change: TrustChange,
    ): Promise<{ readonly id: string; readonly lines: readonly string[] }> {
      prepared = undefined
      const composed = await prepareTrust(requireHolder(), change, now())
      prepared = { ...composed, id: hex(p.random(16)), kind: change.kind }
      return { id: prepared.id, lines: composed.lines }
    },
    /** `kit`: its lines, or its saved page. Throws `bad_kit`, `kit_typo`, `wrong_kit` and what the collector answers. */
    async signTrust(
      id: string,
      kit: string,
    ): Promise<{ readonly invitation: string | undefined; readonly isProposed: boolean }> {
      const before = requireHolder()
      if (prepared?.id !== id)
        throw new Failure('not_prepared', 'this was not what was shown last', { hint: 'begin again' })
      const signed = await signPrepared(before, prepared, readOwnerPaper(kit, before.trust.fleet), now())
      for (const envelope of signed.keyrings) await link.putRecord(envelope)
      if (signed.trust === undefined) {
        await rest.post('/trust/proposal', { envelope: signed.envelope.toBase64() })
        prepared = undefined
        return { invitation: undefined, isProposed: true }
      }
      await link.putRecord(signed.envelope)
      const history = [...before.history, signed.trust]
      holder = { ...before, history, trust: signed.trust }
      const chain = history.map(one => one.envelope)
      const isNew = prepared.kind === 'add'
      prepared = undefined
      devices.clear()
      const invitation = isNew ? writeInvitation({ fleet: signed.trust.fleet, urls, chain }) : undefined
      return { invitation, isProposed: false }
    },
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
        rows.push({ path: own, shown: pathText(own), change, before: was?.size, after: is?.size })
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
    /** What the help desk sealed for the restore admins (restore/ask-for.tsx). Throws `bad_wish` and what opening throws. */
    async wish(sealed: string): Promise<{ path: Path; shown: string }> {
      const text = fromUtf8(await openWith([requireHolder().identity], Uint8Array.fromBase64(sealed)))
      const { path: wished } = JSON.parse(text) as { path?: unknown }
      if (typeof wished !== 'string' || !wished.startsWith('/'))
        throw new Failure('bad_wish', 'the wish names no path', { hint: 'ask whoever made it' })
      const path = readPath(utf8(wished))
      return { path, shown: pathText(path) }
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
      const reader = zipOf(archive, wishes, {
        opener,
        signal: control.signal,
        onProgress: told,
        done,
      }).getReader()
      return {
        async pull() {
          const pieces: Bytes[] = []
          for (let bytes = 0; bytes < pullBytes; ) {
            const { done: isDone, value } = await reader.read()
            if (isDone) break
            pieces.push(value)
            bytes += value.length
          }
          return pieces
        },
        cancel() {
          control.abort()
          reader.cancel().catch(() => undefined)
        },
      }
    },
    /**
     * Signs one job for each wish: the device restores into a new folder of its own choice, or where it was. `onto`: another device,
     * which replaces it.
     */
    async restoreThere(
      device: string,
      wishes: readonly Wish[],
      place: WishedPlace,
      onto?: string,
    ): Promise<readonly string[]> {
      const { device: unlocked, archive } = await unlockedDevice(device)
      const isLent = onto !== undefined && onto !== device
      const { history } = requireHolder()
      const certificate = isLent
        ? await certificateOf(p, linkRecords(link), history, onto as DeviceId)
        : unlocked.certificate
      const jobs: string[] = []
      for (const { sequence, path } of wishes) {
        const lent = isLent && { root: snapshotNumbered(archive, sequence).root }
        const wish = { snapshot: { kind: 'number', sequence }, place, ...lent } as const
        const { envelope, job } = await signRestore(
          requireHolder(),
          certificate,
          bytesOfPath(path),
          wish,
          now(),
          isLent ? unlocked.certificate.device : undefined,
        )
        await link.putRecord(envelope)
        jobs.push(hex(job))
      }
      return jobs
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

export type Vault = ReturnType<typeof openVault>

/** `/home/ada`, as a device knows it. */
function bytesOfPath([volume, ...rest]: Path): Bytes {
  const slash = utf8('/')
  const parts = rest.flatMap((part, index) => (index === 0 ? [part] : [slash, part]))
  const all = [volume ?? slash, ...parts]
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of all) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
