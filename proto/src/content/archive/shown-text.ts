/** Names as people may read them, in a terminal or on a page, whoever chose them. */
import type { Bytes } from '../../bytes.ts'
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

function escaped(code: number): string {
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}
