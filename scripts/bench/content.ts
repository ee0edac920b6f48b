/** Content by seed: text of words, and images of which one half does not compress. */
import { createCipheriv } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import type { Random } from '../testing/random.ts'

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
  const text = Buffer.alloc(length)
  for (let at = 0; at < length; ) {
    // The product of two numbers falls off with rank about as words do.
    const rank = Math.floor((random.below(wordCount) * (random.below(wordCount) + 1)) / wordCount)
    at += (words()[rank] as Buffer).copy(text, at)
  }
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
