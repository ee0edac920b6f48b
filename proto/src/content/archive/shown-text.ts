/** Names as people may read them, in a terminal or on a page, whoever chose them. */
import { type Bytes, concat, utf8 } from '../../bytes.ts'
import type { Path } from '../map/key.ts'

/** A name as people read it, on one line: bytes that are not UTF-8 are written as \xNN, and see `shownText`. */
export function nameText(name: Bytes): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(name)
  } catch {
    return Array.from(name, byte =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : escaped(byte),
    ).join('')
  }
  return shownText(text)
}

/**
 * Control characters could rewrite a terminal; separators of lines and marks of the direction of writing could show a
 * name as another, `gpj.exe` as `exe.jpg`. They are written as \xNN and \uNNNN.
 */
const misleading = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** What somebody else wrote, as people may read it. */
export function shownText(text: string): string {
  return text.replace(misleading, character => escaped(character.charCodeAt(0)))
}

/** `/home/ada/notes.txt`, `C:\Users\ada`; the volume is the first component. */
export function pathText(path: Path): string {
  const [volume, ...rest] = path.map(nameText)
  if (volume === undefined) return ''
  return volume === '/' ? `/${rest.join('/')}` : `${volume}\\${rest.join('\\')}`
}

/**
 * The paths that somebody may mean who typed this one, perhaps as it was shown to him: the path itself, then what is shown as it. Of a
 * name that is not UTF-8 \xNN is a byte, of another one a character.
 */
export function meaningsOf(path: Path): readonly Path[] {
  if (!path.some(name => escapes.test(new TextDecoder().decode(name)))) return [path]
  const asBytes = path.map(name =>
    unescaped(name, code => (code < 0x100 ? Uint8Array.of(code) : utf8(character(code)))),
  )
  const asCharacters = path.map(name => unescaped(name, code => utf8(character(code))))
  return [path, asBytes, asCharacters]
}

const escapes = /\\x[0-9a-f]{2}|\\u[0-9a-f]{4}/
const character = (code: number) => String.fromCharCode(code)

function unescaped(name: Bytes, meant: (code: number) => Bytes): Bytes {
  const parts = new TextDecoder().decode(name).split(new RegExp(`(${escapes.source})`))
  // Behind each piece of text comes one that was escaped.
  return concat(
    ...parts.map((part, index) => (index % 2 === 0 ? utf8(part) : meant(Number.parseInt(part.slice(2), 16)))),
  )
}

function escaped(code: number): string {
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
