/** Enrolment of this machine, under its own name and platform. */
import { hostname, platform, release, userInfo } from 'node:os'
import { agentVersion, type Surroundings } from '../agent.ts'
import { enroll } from '../keys/enroll.ts'
import type { DeviceIdentity } from '../keys/identity.ts'
import { machineFacts } from './machine-facts.ts'
import { machineMarks } from './machine-marks.ts'

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
    marks: async fleet => machineMarks(await machineFacts(), fleet, ownerHere()),
    ...(signal && { signal }),
  })
}

/** Undefined: it is the machine's agent. */
function ownerHere(): string | undefined {
  const isMachines = process.platform === 'win32' || process.geteuid?.() === 0
  return isMachines ? undefined : userInfo().username
}
