/**
 * What runs before and after a backup: a database is dumped, an application told to rest. The policy says a name; what
 * that name does is a file that root put on this device. So nobody who signs policies, or steals such a key, can run
 * anything here that root did not mean to be run: no path, no argument, no shell, an environment with nothing in it.
 */
import type { Clock } from '@backstay/proto/clock'
import type { Hooks } from '@backstay/proto/policy/settings'
import { hookName } from '@backstay/proto/policy/settings'
import type { Alarm } from '../alarm.ts'
import { type HookSystem, hookFile } from './hook-file.ts'
import { startHook } from './hook-process.ts'

/** A dump of a large database; what takes longer holds up the backup of everything else. */
export const hookMs = 10 * 60_000
/** Between being asked to end and being ended. */
const graceMs = 5_000

export interface HookOptions {
  readonly system: HookSystem
  readonly clock: Pick<Clock, 'sleep'>
  readonly folder: string
  readonly signal: AbortSignal
}

export type Moment = 'before' | 'after'

/** What is wrong, if anything is; a backup goes on either way. */
export async function runHook(
  hooks: Hooks,
  moment: Moment,
  { system, clock, folder, signal }: HookOptions,
): Promise<Alarm[]> {
  const name = hooks[moment]
  if (name === '' || signal.aborted) return []
  const failed = (why: string): Alarm[] => [
    { code: 'hook_failed', message: `the hook "${name}" ${moment} the backup ${why}` },
  ]
  // Checked when it was signed and when it came; here it becomes a path.
  if (!hookName.test(name)) return failed('is no name of a file, and was not run')
  const found = hookFile(system, folder, name)
  if ('fault' in found) return failed(`was not run: ${found.fault}`)
  const why = await ran(found.path, clock, signal)
  return why === undefined ? [] : failed(why)
}

/** Undefined when it ended with 0. What it says is not kept: it may be the very data that is to be backed up sealed. */
async function ran(
  path: string,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { ended, stop, kill } = startHook(path)
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const late = clock.sleep(hookMs, either).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  try {
    const first = await Promise.race([ended.then(why => ({ why })), late])
    if (first !== 'late') return first.why
    stop()
    const grace = clock.sleep(graceMs, over.signal).catch(() => undefined)
    await Promise.race([ended, grace])
    kill()
    await ended
    return signal.aborted
      ? 'was ended, because the agent ends'
      : `took longer than ${hookMs / 60_000} minutes and was ended`
  } finally {
    over.abort()
  }
}
