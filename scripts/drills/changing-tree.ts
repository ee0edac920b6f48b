/** A folder of small and large files that changes as people change theirs, and its fingerprint to compare it by. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  type Dirent,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import type { Random } from '../testing/random.ts'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte

export interface ChangingTree {
  readonly path: string
  /** Some files are rewritten, added, renamed and removed; a large image is changed in place. */
  change(): void
}

export interface TreeSize {
  readonly smallFiles: number
  readonly largeFiles: number
  readonly largeBytes: number
  readonly imageBytes: number
}

/** 30 MiB that cannot be compressed, so that bytes on the wire are bytes of files. */
export const usualSize: TreeSize = {
  smallFiles: 800,
  largeFiles: 16,
  largeBytes: Math.floor(1.2 * mebibyte),
  imageBytes: 8 * mebibyte,
}

export function changingTree(path: string, random: Random, size: TreeSize = usualSize): ChangingTree {
  const small = (index: number) => join(path, `folder-${index % 20}`, `small-${index}`)
  const large = (index: number) => join(path, `large-${index}`)
  const image = join(path, 'image')
  let added = size.smallFiles
  const writeSmall = (index: number) => writeFileSync(small(index), random.bytes(512 + random.below(6000)))
  const writeLarge = (index: number) =>
    writeFileSync(large(index), random.bytes(Math.floor(size.largeBytes * (0.5 + random.below(100) / 100))))

  for (let folder = 0; folder < 20; folder++) mkdirSync(join(path, `folder-${folder}`), { recursive: true })
  for (let index = 0; index < size.smallFiles; index++) writeSmall(index)
  for (let index = 0; index < size.largeFiles; index++) writeLarge(index)
  writeFileSync(image, random.bytes(size.imageBytes))
  return {
    path,
    change() {
      for (let i = 0; i < size.smallFiles / 8; i++) writeSmall(random.below(size.smallFiles))
      for (let i = 0; i < size.smallFiles / 40; i++) writeSmall(added++)
      for (let i = 0; i < size.smallFiles / 80; i++) {
        rmSync(small(random.below(added)), { force: true })
        const from = small(random.below(size.smallFiles))
        if (lstatSync(from, { throwIfNoEntry: false })) renameSync(from, small(added++))
      }
      for (let i = 0; i < size.largeFiles / 2; i++) writeLarge(random.below(size.largeFiles))
      changeBlocks(image, random, size.imageBytes)
    },
  }
}

function changeBlocks(image: string, random: Random, bytes: number): void {
  const handle = openSync(image, 'r+')
  try {
    for (let i = 0; i < 20; i++)
      writeSync(handle, random.bytes(4 * kibibyte), 0, 4 * kibibyte, random.below(bytes / 2))
  } finally {
    closeSync(handle)
  }
}

/** Of every entry below a folder: kind, mode, time in nanoseconds and SHA-256 of the content, by its path. */
export function fingerprint(top: string): ReadonlyMap<string, string> {
  const entries = readdirSync(top, { recursive: true, withFileTypes: true })
  const line = (entry: Dirent): [string, string] => {
    const path = join(entry.parentPath, entry.name)
    const { mode, mtimeNs } = lstatSync(path, { bigint: true })
    const content = entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
    return [relative(top, path), `${mode.toString(8)} ${mtimeNs} ${content}`]
  }
  return new Map(entries.map(line).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Paths that are not the same on both sides. */
export function differingPaths(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter(path => a.get(path) !== b.get(path))
}
