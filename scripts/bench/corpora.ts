/** What is backed up: made by seed or unpacked once, changed for a step and put back as it was. */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { seededRandom } from '../testing/random.ts'
import { imageWriter, noteOf, textOf } from './content.ts'
import { say } from './progress.ts'

export interface Corpus {
  readonly name: string
  readonly folder: string
  /** About one part in a hundred of it, for a restore of one folder; undefined when there are no folders. */
  readonly part: string | undefined
  /** Changes it and returns what puts it back. */
  change(): () => void
}

const sourcePackage = 'linux-source-6.1'
const mebibyte = 1024 * 1024

export interface CorpusSizes {
  readonly source: boolean
  readonly imageMebibytes: number
  readonly secondMebibytes: number
  readonly changedBlocks: number
  readonly smallFiles: number
}

export const fullSizes: CorpusSizes = {
  ...{ source: true, imageMebibytes: 2048, secondMebibytes: 256, changedBlocks: 1000, smallFiles: 200_000 },
}
export const quickSizes: CorpusSizes = {
  ...{ source: false, imageMebibytes: 128, secondMebibytes: 16, changedBlocks: 60, smallFiles: 8_000 },
}

/** Makes what is missing below `directory`; `wanted` names corpora, undefined means all. */
export function makeCorpora(
  directory: string,
  sizes: CorpusSizes,
  wanted: readonly string[] | undefined,
): Corpus[] {
  const makers: Record<string, () => Corpus | undefined> = {
    source: () => (sizes.source ? sourceCorpus(directory) : undefined),
    image: () => imageCorpus(directory, sizes),
    small: () => smallCorpus(directory, sizes),
  }
  const names = wanted ?? Object.keys(makers)
  return names.flatMap(name => {
    const maker = makers[name]
    if (maker === undefined) throw new Error(`there is no corpus "${name}", only source, image and small`)
    return maker() ?? []
  })
}

/** Makes a folder at once or not at all. */
function made(folder: string, make: (part: string) => void): string {
  if (existsSync(folder)) return folder
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  say(`making ${folder}`)
  make(part)
  renameSync(part, folder)
  return folder
}

function sourceCorpus(directory: string): Corpus | undefined {
  const archive = `/usr/src/${sourcePackage}.tar.xz`
  const top = join(directory, 'source')
  if (!existsSync(top) && !existsSync(archive)) {
    say(`without the source tree: "${archive}" is not here; install it: apt-get install ${sourcePackage}`)
    return undefined
  }
  made(top, part => {
    const { status, stderr } = spawnSync('tar', ['-xJf', archive, '-C', part], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`"${archive}" cannot be unpacked: ${stderr}`)
  })
  const folder = join(top, sourcePackage)
  return treeCorpus('source', folder, join(folder, 'drivers/net/ethernet/intel'))
}

function smallCorpus(directory: string, { smallFiles }: CorpusSizes): Corpus {
  const perFolder = 100
  const folder = made(join(directory, `notes-${smallFiles}`), part => {
    const random = seededRandom(1)
    for (let index = 0; index < smallFiles; index++) {
      const outer = Math.floor(index / perFolder / 20)
      const at = join(part, `box ${outer}`, `folder ${Math.floor(index / perFolder) % 20}`)
      if (index % perFolder === 0) mkdirSync(at, { recursive: true })
      writeFileSync(join(at, `note ${index}.txt`), noteOf(random, 512 + random.below(8192 - 512)))
    }
  })
  return treeCorpus('small', folder, join(folder, 'box 1'))
}

/** A million files of a few bytes in 20,400 folders. */
export function millionFiles(directory: string): string {
  return made(join(directory, 'million'), part => {
    for (let index = 0; index < 1_000_000; index++) {
      const folder = Math.floor(index / 50)
      const at = join(part, `shelf ${Math.floor(folder / 50)}`, `folder ${folder % 50}`)
      if (index % 50 === 0) mkdirSync(at, { recursive: true })
      writeFileSync(join(at, `file ${index}`), `${index}`)
    }
  })
}

function imageCorpus(directory: string, sizes: CorpusSizes): Corpus {
  const { imageMebibytes, secondMebibytes, changedBlocks } = sizes
  const folder = made(join(directory, `image-${imageMebibytes}`), part => {
    const random = seededRandom(2)
    imageWriter(random, join(part, 'disk.img'), imageMebibytes)
    imageWriter(random, join(part, 'second.img'), secondMebibytes)
  })
  const image = join(folder, 'disk.img')
  // Blocks are inverted, so that the same again puts them back.
  const invert = () => {
    const file = openSync(image, 'r+')
    const block = Buffer.alloc(4096)
    const random = seededRandom(3)
    const blocks = new Set<number>()
    while (blocks.size < changedBlocks) blocks.add(random.below((imageMebibytes * mebibyte) / block.length))
    for (const number of blocks) {
      readSync(file, block, 0, block.length, number * block.length)
      for (let i = 0; i < block.length; i++) block[i] = ~(block[i] as number)
      writeSync(file, block, 0, block.length, number * block.length)
    }
    closeSync(file)
  }
  const marker = join(directory, `image-${imageMebibytes}.changed`)
  const putBack = () => {
    if (!existsSync(marker)) return
    invert()
    rmSync(marker)
  }
  putBack()
  return {
    ...{ name: 'image', folder, part: undefined },
    change() {
      writeFileSync(marker, '')
      invert()
      return putBack
    },
  }
}

/** Of a tree one file in a hundred changes as in a day's work: most are edited, some are new, some go. */
function treeCorpus(name: string, folder: string, part: string): Corpus {
  const kept = `${folder}.kept`
  const journal = join(kept, 'journal.json')
  const putBack = () => {
    if (!existsSync(journal)) return
    const deeds = JSON.parse(readFileSync(journal, 'utf8')) as readonly Deed[]
    for (const [index, { file, isNew }] of deeds.entries()) {
      const original = join(kept, `${index}`)
      if (isNew) rmSync(file, { force: true })
      // Moved back, not copied: the file is the same inode with the same times.
      else if (existsSync(original)) renameSync(original, file)
    }
    rmSync(kept, { recursive: true })
  }
  putBack()
  return {
    ...{ name, folder, part },
    change() {
      const random = seededRandom(4)
      const deeds = chosen(filesOf(folder), random)
      mkdirSync(kept)
      writeFileSync(journal, JSON.stringify(deeds))
      for (const [index, deed] of deeds.entries()) {
        if (deed.isNew) copyFileSync(deed.like, deed.file)
        else renameSync(deed.file, join(kept, `${index}`))
        if (deed.isEdit) writeFileSync(deed.file, edited(readFileSync(join(kept, `${index}`)), random))
      }
      return putBack
    },
  }
}

interface Deed {
  readonly file: string
  readonly isNew: boolean
  readonly isEdit: boolean
  readonly like: string
}

function chosen(files: readonly string[], random: ReturnType<typeof seededRandom>): Deed[] {
  const picked = new Set<string>()
  while (picked.size < files.length / 100) picked.add(random.pick(files))
  return [...picked].map((file, index) => {
    if (index % 10 === 0) return { file: `${file}.new`, isNew: true, isEdit: false, like: file }
    return { file, isNew: false, isEdit: index % 10 !== 1, like: file }
  })
}

/** A few lines put in somewhere. */
function edited(bytes: Buffer, random: ReturnType<typeof seededRandom>): Buffer {
  const at = bytes.indexOf(10, random.below(bytes.length + 1)) + 1
  return Buffer.concat([bytes.subarray(0, at), textOf(random, 120), bytes.subarray(at)])
}

function filesOf(folder: string): string[] {
  const files: string[] = []
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name))
  }
  return files.sort()
}

/** Bytes of all files below a folder. */
export function bytesBelow(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    // A server may be putting its temporary files away.
    if (entry.isFile())
      bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

/** The name of a folder that is not there yet, whose parent is. */
export function fresh(folder: string): string {
  mkdirSync(dirname(folder), { recursive: true })
  for (let number = 1; ; number++) if (!existsSync(`${folder}-${number}`)) return `${folder}-${number}`
}
