/** Picks the implementation for this platform. Called by composition roots and tests. */
import { Failure } from '@backstay/proto/failure'
import { loadLinux } from './linux.ts'
import type { System } from './system.ts'

/** Throws `no_system_calls` when this platform has none, or they cannot be loaded. */
export async function loadSystem(platform: string = process.platform): Promise<System> {
  if (platform === 'linux') return loadLinux()
  throw new Failure('no_system_calls', `the agent does not run on "${platform}" yet`, {
    hint: 'run the agent on Linux',
  })
}
