/** An absolute path, as people and policies write it, as the components of the map's keys. */
import type { Bytes } from '../../bytes.ts'
import { Failure } from '../../failure.ts'
import type { Path } from './key.ts'

const slash = 0x2f
const backslash = 0x5c
const colon = 0x3a

/**
 * Components of an absolute path, the volume first: `/`, or `C:` of a Windows path, in which both slashes divide. Throws
 * `bad_root` when it is not absolute or leads through `..`.
 */
export function componentsOf(path: Bytes): Path {
  const volume = volumeOf(path)
  if (volume === undefined || path.includes(0)) throw badRoot(path, 'it is not an absolute path')
  const isDivider = (byte: number) => byte === slash || (byte === backslash && volume.length > 1)
  const components: Bytes[] = [volume]
  for (let start = volume.length; start <= path.length; ) {
    const found = path.subarray(start).findIndex(isDivider)
    const end = found < 0 ? path.length : start + found
    const component = path.subarray(start, end)
    if (isDots(component, 2)) throw badRoot(path, 'it leads through ".."')
    if (component.length > 0 && !isDots(component, 1)) components.push(component)
    start = end + 1
  }
  return components
}

/** `/`, or a drive with its letter in upper case, as Windows shows it; undefined of a relative path. */
function volumeOf(path: Bytes): Bytes | undefined {
  const [first = 0, second, third = slash] = path
  if (first === slash) return path.subarray(0, 1)
  const letter = first & ~0x20
  const isDrive = letter >= 0x41 && letter <= 0x5a && second === colon
  return isDrive && (third === slash || third === backslash) ? Uint8Array.of(letter, colon) : undefined
}

function isDots(component: Bytes, count: number): boolean {
  return component.length === count && component.every(byte => byte === 0x2e)
}

function badRoot(path: Bytes, why: string): Failure {
  const shown = JSON.stringify(new TextDecoder().decode(path))
  return new Failure('bad_root', `${shown} names no place on a device: ${why}`, {
    hint: 'give the absolute path that it has there',
  })
}
