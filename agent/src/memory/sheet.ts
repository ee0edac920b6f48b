/**
 * A sheet: what the agent remembers of the files on one leaf page of its last snapshot, so that an unchanged file is
 * known by its stat alone, without decoding the page. Local to the machine, never sent.
 *
 *     count u32 | count × row | keys, front-coded: shared u16, length u16, bytes
 *     row = inode f64 | ctime s f64 | mtime s f64 | size f64 | ctime ns u32 | mtime ns u32 | page size u32 | flags u32
 *         | first 8 bytes of the content's SHA-256, 0 when there is none
 */
import { type Bytes, sharedLength, viewOf } from '@backstay/proto/bytes'

/** What tells that a file was not touched: any write or change of metadata moves its ctime. */
export interface Trace {
  readonly inode: number
  /** 0 inode: unknown, for instance because the file changed in the moment it was read. */
  readonly ctimeS: number
  readonly ctimeNs: number
  readonly mtimeS: number
  readonly mtimeNs: number
  readonly size: number
}

export interface SheetRow extends Trace {
  readonly key: Bytes
  /** As the map builder wants it: bytes on a page, logical bytes. */
  readonly pageSize: number
  readonly unread: boolean
  /** First 8 bytes of SHA-256 of the content, as 16 hexadecimal digits; empty when there is no content. */
  readonly content: string
}

export const unknownTrace: Trace = { inode: 0, ctimeS: 0, ctimeNs: 0, mtimeS: 0, mtimeNs: 0, size: 0 }

const rowBytes = 56
const unreadFlag = 1

export function encodeSheet(rows: readonly SheetRow[]): Bytes {
  let keyBytes = 0
  for (const row of rows) keyBytes += row.key.length + 4
  const sheet = new Uint8Array(4 + rows.length * rowBytes + keyBytes)
  const view = viewOf(sheet)
  view.setUint32(0, rows.length, true)
  let keyAt = 4 + rows.length * rowBytes
  let before: Bytes = new Uint8Array()
  for (const [index, row] of rows.entries()) {
    const at = 4 + index * rowBytes
    view.setFloat64(at, row.inode, true)
    view.setFloat64(at + 8, row.ctimeS, true)
    view.setFloat64(at + 16, row.mtimeS, true)
    view.setFloat64(at + 24, row.size, true)
    view.setUint32(at + 32, row.ctimeNs, true)
    view.setUint32(at + 36, row.mtimeNs, true)
    view.setUint32(at + 40, row.pageSize, true)
    view.setUint32(at + 44, row.unread ? unreadFlag : 0, true)
    if (row.content !== '') sheet.subarray(at + 48, at + 56).setFromHex(row.content)
    const shared = sharedLength(before, row.key)
    view.setUint16(keyAt, shared, true)
    view.setUint16(keyAt + 2, row.key.length - shared, true)
    sheet.set(row.key.subarray(shared), keyAt + 4)
    keyAt += 4 + row.key.length - shared
    before = row.key
  }
  return sheet.slice(0, keyAt)
}

/** Told inode (0: unknown) and the first 4 bytes of the content's SHA-256 (0: none) of each row, without its key. */
export function eachTrace(sheet: Bytes, told: (inode: number, content: number, index: number) => void): void {
  const view = viewOf(sheet)
  const rows = view.getUint32(0, true)
  for (let index = 0, at = 4; index < rows; index++, at += rowBytes)
    told(view.getFloat64(at, true), view.getUint32(at + 48), index)
}

/** The rows of a sheet, one after another. Sheets are our own writing: nothing is checked. */
export interface SheetReader {
  readonly rows: number
  /** Of the current row, in memory that `next` uses again. */
  readonly key: Bytes
  readonly index: number
  /** False at the end. Before the first call there is no current row. */
  next(): boolean
  /** The current row with this key, which is its own. */
  row(key: Bytes): SheetRow
  readonly unread: boolean
  /** 0: unknown. */
  readonly inode: number
  /** It has content; folders have none. */
  readonly isFile: boolean
  /** Whether the current row has this trace. */
  matches(trace: Trace): boolean
}

export function readSheet(sheet: Bytes): SheetReader {
  const view = viewOf(sheet)
  const rows = view.getUint32(0, true)
  let keyAt = 4 + rows * rowBytes
  let index = -1
  let scratch: Bytes = new Uint8Array(256)
  let key: Bytes = scratch.subarray(0, 0)
  const self = {
    rows,
    get key() {
      return key
    },
    get index() {
      return index
    },
    next() {
      if (++index >= rows) return false
      const shared = view.getUint16(keyAt, true)
      const length = view.getUint16(keyAt + 2, true)
      if (shared + length > scratch.length) {
        const larger = new Uint8Array(2 * (shared + length))
        larger.set(scratch.subarray(0, shared))
        scratch = larger
      }
      // Short, and a loop costs less than a call.
      for (let from = keyAt + 4, to = shared; to < shared + length; ) scratch[to++] = sheet[from++] as number
      keyAt += 4 + length
      key = scratch.subarray(0, shared + length)
      return true
    },
    get unread() {
      return (view.getUint32(4 + index * rowBytes + 44, true) & unreadFlag) !== 0
    },
    get inode() {
      return view.getFloat64(4 + index * rowBytes, true)
    },
    get isFile() {
      return view.getBigUint64(4 + index * rowBytes + 48) !== 0n
    },
    row(key: Bytes): SheetRow {
      const at = 4 + index * rowBytes
      const content = view.getBigUint64(at + 48, true) === 0n ? '' : sheet.subarray(at + 48, at + 56).toHex()
      return {
        key,
        inode: view.getFloat64(at, true),
        ctimeS: view.getFloat64(at + 8, true),
        mtimeS: view.getFloat64(at + 16, true),
        size: view.getFloat64(at + 24, true),
        ctimeNs: view.getUint32(at + 32, true),
        mtimeNs: view.getUint32(at + 36, true),
        pageSize: view.getUint32(at + 40, true),
        unread: (view.getUint32(at + 44, true) & unreadFlag) !== 0,
        content,
      }
    },
    matches(trace: Trace) {
      const at = 4 + index * rowBytes
      return (
        trace.inode !== 0 &&
        view.getFloat64(at, true) === trace.inode &&
        view.getUint32(at + 32, true) === trace.ctimeNs &&
        view.getFloat64(at + 8, true) === trace.ctimeS &&
        view.getUint32(at + 36, true) === trace.mtimeNs &&
        view.getFloat64(at + 16, true) === trace.mtimeS &&
        view.getFloat64(at + 24, true) === trace.size
      )
    },
  }
  return self
}
