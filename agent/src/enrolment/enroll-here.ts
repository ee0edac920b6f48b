/** Enrolment of this machine, under its own name and platform. */
import { hostname, platform, release } from 'node:os'
import { agentVersion, type Surroundings } from '../agent.ts'
import { enroll } from '../keys/enroll.ts'
import type { DeviceIdentity } from '../keys/identity.ts'

export interface HereOptions {
  readonly token: string
  /** What the fleet calls this device; without it, as the machine calls itself. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal
}

/** Throws what `enroll` throws. */
export function enrollHere(
  around: Surroundings,
  { token, name = hostname(), signal }: HereOptions,
): Promise<DeviceIdentity> {
  return enroll({
    ...around,
    ...{ token, name, platform: `${platform()} ${release()}`, software: `backstay-agent ${agentVersion}` },
    ...(signal && { signal }),
  })
}
