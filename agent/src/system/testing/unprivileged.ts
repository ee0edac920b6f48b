/** Runs a script as somebody without rights, because root is refused nothing. */
import { spawnSync } from 'node:child_process'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'

/** nobody */
const unprivilegedId = 65_534

/** Returns what the script printed, as JSON; throws when it failed. */
export function runUnprivileged(script: URL, ...parameters: readonly string[]): unknown {
  const identity = process.geteuid?.() === 0 ? { uid: unprivilegedId, gid: unprivilegedId } : {}
  const child = spawnSync(execPath, [fileURLToPath(script), ...parameters], { ...identity, encoding: 'utf8' })
  if (child.status !== 0) throw new Error(`the unprivileged script failed: ${child.error ?? child.stderr}`)
  return JSON.parse(child.stdout)
}
