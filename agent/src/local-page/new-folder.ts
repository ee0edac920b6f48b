/** The folder into which an employee restores: one of his choice that is not there yet. */
import { lstatSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import { restoredName } from '../jobs/restored-place.ts'

/** What Linux takes. */
const pathBytesMax = 4096
const nameLengthMax = 80

/** `/home/ada/Restored/thesis 2026-11-22 14.05`, local time; for the person to change. */
export function suggestedFolder(home: string, name: string, nowMs: number): string {
  const now = new Date(nowMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
  const safe =
    name
      .replace(/[\p{Cc}/\\]/gu, ' ')
      .trim()
      .slice(0, nameLengthMax) || 'everything'
  return join(home, restoredName, `${safe} ${day} ${two(now.getHours())}.${two(now.getMinutes())}`)
}

/** From what was typed: absolute, or from the home on. Throws `bad_folder`. */
export function typedFolder(home: string, text: string): string {
  const typed = text.trim()
  const path = typed === '~' || typed.startsWith('~/') ? home + typed.slice(1) : typed
  if (!isAbsolute(path) || path.includes('\0') || Buffer.byteLength(path) > pathBytesMax) {
    throw new Failure('bad_folder', 'that is no whole path of a folder', {
      hint: `write it from the beginning, for example ${join(home, restoredName, 'letters')}`,
    })
  }
  return resolve(path)
}

/** Throws `folder_taken` when there is anything of this name. */
export function requireNew(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return
  throw new Failure('folder_taken', `"${path}" is there already`, {
    hint: 'choose another name: a restore makes a new folder and leaves what is there alone',
  })
}
