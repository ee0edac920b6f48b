/** Paths of devices in a page: components from the volume down, as bytes. */
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import type { Path } from '@backstay/proto/content/map/key'

/** `/home/ada` → `/`, `home`, `ada`. */
export function readPath(bytes: Bytes): Path {
  const parts: Bytes[] = [utf8('/')]
  let start = 0
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== 0x2f) continue
    if (at > start) parts.push(bytes.slice(start, at))
    start = at + 1
  }
  return parts
}

/** For addresses and keys of lists: hexadecimal digits, parts between dots. */
export function pathWord(path: Path): string {
  return path.map(part => part.toHex()).join('.')
}

/** Undefined for what no `pathWord` is. */
export function pathFromWord(word: string): Path | undefined {
  try {
    return word === '' ? undefined : word.split('.').map(part => Uint8Array.fromHex(part))
  } catch {
    return undefined
  }
}
