/** Words that people can write down and type: the 2,048 of BIP 39, eleven bits each, no two with the same first four letters. */
import { wordlist } from '@scure/bip39/wordlists/english.js'
import type { Bytes } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'

const bitsPerWord = 11

/** Seven words are 77 bits: with one second of scrypt for each guess, out of reach. */
export const passphraseWords = 7

export function randomPassphrase(p: Primitives): string {
  return wordsFrom(p.random(Math.ceil((passphraseWords * bitsPerWord) / 8)), passphraseWords).join(' ')
}

/** The first `count` times eleven bits as words. */
export function wordsFrom(bytes: Bytes, count: number): string[] {
  const words: string[] = []
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    if (bits < bitsPerWord || words.length === count) continue
    bits -= bitsPerWord
    words.push(wordlist[(held >> bits) & 2047] as string)
    held &= (1 << bits) - 1
  }
  if (words.length < count) throw new RangeError(`${bytes.length} bytes do not give ${count} words`)
  return words
}

/** As people type: any case, any space between. */
export function sameWords(typed: string, words: readonly string[]): boolean {
  return typed.trim().toLowerCase().split(/\s+/).join(' ') === words.join(' ')
}
