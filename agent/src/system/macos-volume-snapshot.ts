/**
 * Snapshots of APFS: Time Machine's tool makes one of the volume of data, which is mounted beside it, read-only, and deleted afterwards.
 * Only root may, and only with Full Disk Access. Files that programs hold open can be read there without one, too: so where
 * none can be had, the volume itself is read, and nobody is troubled.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '@backstay/proto/bytes'
import type { VolumeSnapshot, VolumeSnapshots } from './volume-snapshot.ts'

/** Resolves with what it printed; rejects when it ends with another code than 0. */
export type RunTool = (program: string, words: readonly string[], signal?: AbortSignal) => Promise<string>

/** Where what people write lies since macOS 10.15; `/` shows it through links that the file system makes itself. */
const dataVolume = '/System/Volumes/Data'
const toolMs = 60_000

export function macosVolumeSnapshots(run: RunTool = runTool, makeMount = makeFolder): VolumeSnapshots {
  return {
    async take(volume, signal) {
      const live: VolumeSnapshot = { path: utf8(volume), [Symbol.asyncDispose]: async () => undefined }
      if (volume !== '/') return live
      const date = dateIn(await run('/usr/bin/tmutil', ['localsnapshot'], signal).catch(() => ''))
      signal?.throwIfAborted()
      if (date === undefined) return live
      const forget = () => run('/usr/bin/tmutil', ['deletelocalsnapshots', date]).catch(() => undefined)
      const mount = makeMount()
      try {
        const name = `com.apple.TimeMachine.${date}.local`
        await run('/sbin/mount_apfs', ['-o', 'ro,nobrowse', '-s', name, dataVolume, mount.path], signal)
      } catch {
        mount.remove()
        await forget()
        signal?.throwIfAborted()
        return live
      }
      return {
        path: utf8(mount.path),
        async [Symbol.asyncDispose]() {
          await run('/sbin/umount', [mount.path]).then(mount.remove, () => undefined)
          await forget()
        },
      }
    },
  }
}

/** It becomes a word of another command: nothing but a date is taken. */
function dateIn(said: string): string | undefined {
  return /\b(\d{4}-\d{2}-\d{2}-\d{6})\b/.exec(said)?.[1]
}

export interface MountPoint {
  readonly path: string
  readonly remove: () => void
}

function makeFolder(): MountPoint {
  const path = mkdtempSync(join(tmpdir(), 'backstay-snapshot-'))
  return { path, remove: () => rmdirSync(path) }
}

function runTool(program: string, words: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, words, { timeout: toolMs, ...(signal && { signal }) }, (error, out) =>
      error === null ? resolve(out) : reject(error),
    )
  })
}
