/**
 * What runs before and after a backup: a database is dumped, an application told to rest. The policy says a name; what
 * that name does is a file that root put on this device. So nobody who signs policies, or steals such a key, can run
 * anything here that root did not mean to be run: no path, no argument, no shell, an environment with nothing in it.
 */
import { spawn } from 'node:child_process'
import { lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '@backstay/proto/clock'
import type { Hooks } from '@backstay/proto/policy/settings'
import { hookName } from '@backstay/proto/policy/settings'
import type { Alarm } from '../alarm.ts'

export const hooksFolder = '/etc/backstay/hooks.d'

/** A dump of a large database; what takes longer holds up the backup of everything else. */
export const hookMs = 10 * 60_000
/** Between being asked to end and being ended. */
const graceMs = 5_000
const othersMayWrite = 0o022
const mayRun = 0o111
const root = 0

export interface HookOptions {
  readonly clock: Pick<Clock, 'sleep'>
  readonly folder: string
  readonly signal: AbortSignal
}

export type Moment = 'before' | 'after'

/** What is wrong, if anything is; a backup goes on either way. */
export async function runHook(
  hooks: Hooks,
  moment: Moment,
  { clock, folder, signal }: HookOptions,
): Promise<Alarm[]> {
  const name = hooks[moment]
  if (name === '' || signal.aborted) return []
  const failed = (why: string): Alarm[] => [
    { code: 'hook_failed', message: `the hook "${name}" ${moment} the backup ${why}` },
  ]
  // Checked when it was signed and when it came; here it becomes a path.
  if (!hookName.test(name)) return failed('is no name of a file, and was not run')
  const path = join(folder, name)
  const fault = await faultOf(path)
  if (fault !== undefined) return failed(`was not run: ${fault}`)
  const why = await ran(path, clock, signal)
  return why === undefined ? [] : failed(why)
}

/** Why a file cannot be trusted as root's own; undefined when it can. Nobody else may change it, or put another in its place. */
async function faultOf(path: string): Promise<string | undefined> {
  try {
    const file = await lstat(path)
    if (!file.isFile()) return `"${path}" is no file`
    if (file.uid !== root || (file.mode & othersMayWrite) !== 0)
      return `others than root may change "${path}"`
    if ((file.mode & mayRun) === 0) return `"${path}" is not executable`
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const above = await lstat(folder)
      const isRoots = above.isDirectory() && above.uid === root && (above.mode & othersMayWrite) === 0
      if (!isRoots) return `others than root may change the folder "${folder}"`
      if (folder === dirname(folder)) return undefined
    }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return isMissing ? `there is no "${path}"` : `"${path}" cannot be looked at`
  }
}

/** Undefined when it ended with 0. What it says is not kept: it may be the very data that is to be backed up sealed. */
async function ran(
  path: string,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  // A group of its own, so that what it started ends with it.
  const child = spawn(path, [], { cwd: '/', env: {}, stdio: 'ignore', shell: false, detached: true })
  const over = new AbortController()
  const ended = new Promise<string | undefined>(resolve => {
    child.once('error', error => resolve(`could not be run (${error.message})`))
    child.once('exit', (code, by) =>
      resolve(code === 0 ? undefined : by === null ? `ended with exit code ${code}` : `was ended by ${by}`),
    )
  })
  const kill = (by: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, by)
    } catch {
      // It has ended by itself.
    }
  }
  const either = AbortSignal.any([signal, over.signal])
  const late = clock.sleep(hookMs, either).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  try {
    const first = await Promise.race([ended.then(why => ({ why })), late])
    if (first !== 'late') return first.why
    kill('SIGTERM')
    const grace = clock.sleep(graceMs, over.signal).catch(() => undefined)
    await Promise.race([ended, grace])
    kill('SIGKILL')
    await ended
    return signal.aborted
      ? 'was ended, because the agent ends'
      : `took longer than ${hookMs / 60_000} minutes and was ended`
  } finally {
    over.abort()
  }
}
