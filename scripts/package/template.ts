/** Templates of installers/: plain files with `@WORD@`, and lines `#include FILE` that are other such files. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../release/programs.ts'

export type Words = Readonly<Record<string, string>>

/** `file`: from installers/. Throws when a word is left that nobody gave. */
export function filled(file: string, words: Words): string {
  const text = read(fill(file, words)).replace(/^#include (.+)$/gm, (_, other: string) =>
    filled(fill(other, words), words).trimEnd(),
  )
  return fill(text, words)
}

function fill(text: string, words: Words): string {
  return text.replace(/@([A-Z_]+)@/g, (_, word: string) => {
    const value = words[word]
    if (value === undefined) throw new Error(`a template names @${word}@, which has no value`)
    return value
  })
}

const read = (file: string) => readFileSync(join(top, 'installers', file), 'utf8')
