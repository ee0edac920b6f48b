// Under wine, by the agent's own seam, because no other program takes such names:
//   trees.ts make FOLDER        an awkward tree
//   trees.ts show FOLDER        everything in it, a line of JSON each
import { hash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { argv } from 'node:process'
import { loadSystem } from '@backstay/agent/system/load'
import { fromRoot, type Handle } from '@backstay/agent/system/system'
import { type Bytes, fromUtf8, hex, utf8, viewOf } from '@backstay/proto/bytes'

const [, , deed, folder = ''] = argv
const system = await loadSystem()

const mebibyte = 1024 * 1024
const bits = { plain: 0x20, hidden: 0x22, systemToo: 0x26 } as const

interface File {
  readonly name: string
  readonly content: Bytes
  readonly attributes?: number
  readonly isReadOnly?: boolean
}

/** Repeatable, and hardly to be made smaller. */
function noise(length: number): Bytes {
  const bytes = new Uint8Array(length)
  for (let at = 0, state = 7; at < length; at++) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    bytes[at] = state >> 16
  }
  return bytes
}

const files: readonly File[] = [
  { name: 'plain.txt', content: utf8('hello') },
  { name: 'empty', content: new Uint8Array() },
  { name: 'CON', content: utf8('not a console') },
  { name: 'nul.txt', content: utf8('not nothing') },
  { name: 'COM1.log', content: utf8('not a port') },
  { name: 'ends with a dot.', content: utf8('.') },
  { name: 'ends with a space ', content: utf8(' ') },
  { name: ' begins with one', content: utf8(' ') },
  { name: 'Übergröße 資料 😀.txt', content: utf8('unicode') },
  { name: '資'.repeat(80), content: utf8('long in bytes') },
  { name: 'n'.repeat(250), content: utf8('long in letters') },
  { name: '~$draft [1] {x} & %PATH%;', content: utf8('signs') },
  { name: 'hidden.ini', content: utf8('[x]'), attributes: bits.hidden },
  { name: 'desktop.sys', content: utf8('[y]'), attributes: bits.systemToo },
  { name: 'read only.doc', content: utf8('r'), isReadOnly: true },
  { name: 'middle.bin', content: noise(300_000) },
  { name: 'large.bin', content: noise(6 * mebibyte) },
]

function make(): void {
  mkdirSync(folder, { recursive: true })
  const top = system.openFolder(fromRoot, utf8(folder))
  for (const { name, content, attributes, isReadOnly } of files) {
    const file = system.createFile(top, utf8(name), 0o600)
    system.write(file, content)
    if (attributes !== undefined) {
      const value = new Uint8Array(4)
      viewOf(value).setUint32(0, attributes)
      system.setAttribute(file, utf8('system.ntfs_attrib_be'), value)
    }
    if (isReadOnly) system.setMode(file, 0o400)
    system.setTime(file, 1_600_000_000 + content.length, 123_456_700)
    system.close(file)
  }
  system.makeLink(top, utf8('plain.txt'), top, utf8('second name.txt'))
  for (const name of ['AUX', 'empty folder', 'folder.']) system.makeFolder(top, utf8(name), 0o700)
  let at = top
  for (let depth = 0; depth < 12; depth++) {
    const name = utf8(`${'deep '.repeat(30)}${depth}`)
    system.makeFolder(at, name, 0o700)
    const below = system.openFolder(at, name)
    if (at !== top) system.close(at)
    at = below
  }
  const file = system.createFile(at, utf8('bottom.txt'), 0o600)
  system.write(file, utf8('a path of 1,900 characters'))
  system.close(file)
  system.close(at)
  system.close(top)
}

function show(at: Handle, path: readonly string[]): void {
  const entries = [...system.listFolder(at)].sort((a, b) => Buffer.compare(a.name, b.name))
  for (const { name } of entries) {
    const { kind, size, mode, mtimeS, mtimeNs, links } = system.statAt(at, name)
    const below = [...path, fromUtf8(name)]
    const attributes = system
      .attributesAt(at, name)
      .map(one => [fromUtf8(one.name), hex(one.value)])
      // wine keeps no time of birth.
      .filter(([title]) => title !== 'system.ntfs_crtime_be')
    const isFolder = kind === 'folder'
    const content = kind === 'file' ? contentOf(at, name, size) : undefined
    const time = isFolder ? undefined : [mtimeS, mtimeNs]
    console.log(JSON.stringify([below.join('\\'), kind, size, mode, links, time, attributes, content]))
    if (!isFolder) continue
    const handle = system.openFolder(at, name)
    show(handle, below)
    system.close(handle)
  }
}

function contentOf(at: Handle, name: Bytes, size: number): string {
  const file = system.openFile(at, name)
  const bytes = new Uint8Array(size)
  let length = 0
  for (let count = 1; count > 0 && length < size; length += count)
    count = system.read(file, bytes.subarray(length), length)
  system.close(file)
  return hash('sha256', bytes.subarray(0, length))
}

if (deed === 'make') make()
else {
  const top = system.openFolder(fromRoot, utf8(folder))
  show(top, [])
  system.close(top)
}
