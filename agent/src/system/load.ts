/** Picks the implementation for this platform. Called by composition roots and tests. */
import { Failure } from '@backstay/proto/failure'
import type { System } from './system.ts'

/** Throws `no_system_calls` when this platform has none, or they cannot be loaded. */
export async function loadSystem(platform: string = process.platform): Promise<System> {
  // Loaded only where it is needed.
  if (platform === 'linux') return (await import('./linux.ts')).loadLinux()
  if (platform === 'win32') return (await import('./windows.ts')).loadWindows()
  if (platform === 'darwin') return (await import('./macos.ts')).loadMacos()
  throw new Failure('no_system_calls', `the agent does not run on "${platform}" yet`, {
    hint: 'run the agent on Linux, Windows or macOS',
  })
}
