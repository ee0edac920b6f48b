/**
 * Snapshots of APFS: Time Machine's tool makes one of the volume of data, which is mounted beside it, read-only, and deleted afterwards.
 * Only root may, and only with Full Disk Access. Files that programs hold open can be read there without one, too: so where
 * none can be had, the volume itself is read, and nobody is troubled.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '@backstay/proto/bytes'
import type { VolumeSnapshot, VolumeSnapshots } from './volume-snapshot.ts'

/** Resolves with what it printed; rejects when it ends with another code than 0. */
export type RunTool = (program: string, words: readonly string[], signal?: AbortSignal) => Promise<string>

/** Where what people write lies since macOS 10.15; `/` shows it through links that the file system makes itself. */
const dataVolume = '/System/Volumes/Data'
const toolMs = 60_000

export function macosVolumeSnapshots(
  run: RunTool = runTool,
  mounts: Mounts = temporaryMounts,
): VolumeSnapshots {
  return {
    async take(volume, signal) {
      const live: VolumeSnapshot = { path: utf8(volume), [Symbol.asyncDispose]: async () => undefined }
      if (volume !== '/') return live
      const date = dateIn(await run('/usr/bin/tmutil', ['localsnapshot'], signal).catch(() => ''))
      signal?.throwIfAborted()
      if (date === undefined) return live
      const path = mounts.make()
      try {
        const name = `com.apple.TimeMachine.${date}.local`
        await run('/sbin/mount_apfs', ['-o', 'ro,nobrowse', '-s', name, dataVolume, path], signal)
      } catch {
        mounts.remove(path)
        await forget(date)
        signal?.throwIfAborted()
        return live
      }
      return {
        path: utf8(path),
        name: `${date} ${path}`,
        async [Symbol.asyncDispose]() {
          await release(date, path)
        },
      }
    },
    async remove(name) {
      const [, date, path] = namePattern.exec(name) ?? []
      return date === undefined || path === undefined || (await release(date, path))
    },
  }

  /** After a restart of the Mac it is mounted no more, and its folder may be gone. */
  async function release(date: string, path: string): Promise<boolean> {
    await run('/sbin/umount', [path]).catch(() => undefined)
    const isGone = mounts.remove(path)
    await forget(date)
    return isGone
  }

  async function forget(date: string): Promise<void> {
    await run('/usr/bin/tmutil', ['deletelocalsnapshots', date]).catch(() => undefined)
  }
}

/** The date of a snapshot, and the folder it is mounted on, which is one of ours. */
const namePattern = /^(\d{4}-\d{2}-\d{2}-\d{6}) (\/\S*\/backstay-snapshot-\w{6})$/

/** It becomes a word of another command: nothing but a date is taken. */
function dateIn(said: string): string | undefined {
  return /\b(\d{4}-\d{2}-\d{2}-\d{6})\b/.exec(said)?.[1]
}

export interface Mounts {
  /** An empty folder. */
  make(): string
  /** False while something is mounted there. */
  remove(path: string): boolean
}

const temporaryMounts: Mounts = {
  make: () => mkdtempSync(join(tmpdir(), 'backstay-snapshot-')),
  remove(path) {
    try {
      rmdirSync(path)
    } catch {
      return !existsSync(path)
    }
    return true
  },
}

function runTool(program: string, words: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, words, { timeout: toolMs, ...(signal && { signal }) }, (error, out) =>
      error === null ? resolve(out) : reject(error),
    )
  })
}
