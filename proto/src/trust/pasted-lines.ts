/** What people hand over as text with `name: value` in lines, through mail programs that add spaces and other line ends. */
import { type Bytes, fromHex } from '../bytes.ts'
import type { Failure } from '../failure.ts'

export interface PastedLines {
  /** Throws `bad` when there is no such line. */
  line(name: string): string
  /** 32 bytes in hexadecimal digits. */
  key(name: string): Bytes
  /** In base64. */
  signature(name: string): Bytes
}

const textMax = 16 * 1024

/** `bad` makes the failure of whoever reads; it is thrown for a text that does not begin with `title`. */
export function pastedLines(title: string, text: string, bad: (why: string) => Failure): PastedLines {
  if (text.length > textMax) throw bad('it is too long')
  const lines = text.split(/\r?\n/).map(line => line.trim())
  const start = lines.indexOf(title)
  if (start < 0) throw bad(`it does not begin with "${title}"`)
  const pasted: PastedLines = {
    line(name) {
      const found = lines.slice(start + 1).find(line => line.startsWith(`${name}: `))
      if (found === undefined) throw bad(`it has no ${name}`)
      return found.slice(name.length + 2)
    },
    key(name) {
      const bytes = fromHex(pasted.line(name))
      if (bytes?.length !== 32) throw bad(`its ${name} is none`)
      return bytes
    },
    signature(name) {
      try {
        return Uint8Array.fromBase64(pasted.line(name))
      } catch {
        throw bad(`its ${name} cannot be read`)
      }
    },
  }
  return pasted
}
