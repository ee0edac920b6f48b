/** Content by seed: text of words, and images of which one half does not compress. */
import { createCipheriv } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { type Random, seededRandom } from '../testing/random.ts'

const syllables =
  'ba be bi bo da de do ga ge ha ka ke ko la le li lo ma me mo na ne no pa ra re ri sa se so ta te ti to va'
const parts = syllables.split(' ')
/** Words are drawn by rank, the first most often, as in any language. */
const wordCount = 8192

let known: readonly Buffer[] | undefined

function words(): readonly Buffer[] {
  known ??= Array.from({ length: wordCount }, (_, rank) => {
    let word = ''
    for (let left = rank + 40; left > 0; left = Math.floor(left / parts.length))
      word += parts[left % parts.length]
    return Buffer.from(`${word}${rank % 12 === 0 ? '\n' : ' '}`)
  })
  return known
}

/** About as compressible as prose. */
export function textOf(random: Random, length: number): Buffer {
  return filled(length, () => drawn(random, words()))
}

const phraseCount = 16_384
let knownPhrases: readonly Buffer[] | undefined

/**
 * Text as people keep it in many small files: half of it are phrases that others have too. Packed by zstd 3 a file alone
 * takes 0.45 of its length, and among its neighbours 0.29: as 200,000 text files of 0.5 to 8 KiB did that restic 0.14
 * stored in 371 MiB and `tar | zstd -3` in 241 MiB.
 */
export function noteOf(random: Random, length: number): Buffer {
  knownPhrases ??= phrases(seededRandom(phraseCount))
  const phrase = knownPhrases
  return filled(length, () => drawn(random, random.below(2) === 0 ? phrase : words()))
}

function phrases(random: Random): Buffer[] {
  return Array.from({ length: phraseCount }, () =>
    Buffer.concat(Array.from({ length: 3 + random.below(6) }, () => drawn(random, words()))),
  )
}

/** By rank, the first most often: the product of two numbers falls off about as words do. */
function drawn(random: Random, from: readonly Buffer[]): Buffer {
  return from[
    Math.floor((random.below(from.length) * (random.below(from.length) + 1)) / from.length)
  ] as Buffer
}

function filled(length: number, next: () => Buffer): Buffer {
  const text = Buffer.alloc(length)
  for (let at = 0; at < length; ) at += next().copy(text, at)
  return text
}

/** A file of so many MiB in pieces of 64 KiB, by turns random and text. */
export function imageWriter(random: Random, file: string, mebibytes: number): void {
  const piece = 64 * 1024
  const stream = createCipheriv('aes-128-ctr', Buffer.from(random.bytes(16)), Buffer.alloc(16))
  const zeros = Buffer.alloc(piece)
  const handle = openSync(file, 'w')
  for (let index = 0; index < mebibytes * 16; index++) {
    writeSync(handle, index % 2 === 0 ? stream.update(zeros) : textOf(random, piece))
  }
  closeSync(handle)
}
