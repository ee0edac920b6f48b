/** Paths as they are typed. */
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Bytes, concat, utf8 } from '@backstay/proto/bytes'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import type { Path } from '@backstay/proto/content/map/key'
import { Failure } from '@backstay/proto/failure'

/**
 * An absolute path from what was typed, relative to the current folder. Windows takes `c:\users` for `C:\Users`, and a
 * snapshot does not: as far as it is there, it is named as the disk names it. Throws `empty_path`.
 */
export function typedPath(text: string): Bytes {
  if (text === '')
    throw new Failure('empty_path', 'a path is empty', { hint: 'for the current folder say: .' })
  const path = resolve(text)
  if (process.platform === 'linux' && path.includes(replaced)) return rawPath(text)
  if (process.platform !== 'win32') return utf8(path)
  for (let above = path, below = ''; ; below = join(basename(above), below), above = dirname(above)) {
    if (existsSync(above)) return utf8(join(realpathSync.native(above), below))
    if (dirname(above) === above) return utf8(path)
  }
}

export const typedComponents = (text: string): Path => componentsOf(typedPath(text))

/** What Node shows of bytes that are not UTF-8, in the words of a command and in its folder. */
const replaced = '\ufffd'
const slash = utf8('/')

/** The same from the bytes of the command line. proc_pid_cmdline(5), proc_pid_cwd(5). */
function rawPath(text: string): Bytes {
  const words = wordsOf(readFileSync('/proc/self/cmdline'))
  const word = words.find(raw => likened(new TextDecoder().decode(raw)) === likened(text))
  const typed = word ?? utf8(text)
  return typed[0] === slash[0] ? typed : concat(readlinkSync('/proc/self/cwd', 'buffer'), slash, typed)
}

/** Decoders differ in how many marks they put for one broken sequence. */
const likened = (text: string) => text.replace(/\ufffd+/g, replaced)

function wordsOf(line: Uint8Array): Bytes[] {
  const words: Bytes[] = []
  for (let at = 0; at < line.length; ) {
    const end = line.indexOf(0, at)
    words.push(new Uint8Array(line.subarray(at, end)))
    at = end + 1
  }
  return words
}
