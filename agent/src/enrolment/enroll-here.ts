/** Enrolment of this machine, under its own name and platform. */
import { hostname, platform, release, userInfo } from 'node:os'
import { Failure } from '@backstay/proto/failure'
import { isName, nameBytesMax } from '@backstay/proto/trust/key-fields'
import { agentVersion, type Surroundings } from '../agent.ts'
import { alreadyEnrolled, enroll } from '../keys/enroll.ts'
import type { DeviceIdentity } from '../keys/identity.ts'
import { requireKind } from '../keys/key-store.ts'
import type { KeychainKind } from '../keys/keychain-kind.ts'
import { machineFacts } from './machine-facts.ts'
import { machineMarks } from './machine-marks.ts'

export interface HereOptions {
  readonly token: string
  /** What the fleet calls this device; without it, as the machine calls itself. */
  readonly name?: string | undefined
  /** Which keychain whoever enrols asks for. */
  readonly keychain?: KeychainKind | undefined
  readonly signal?: AbortSignal
}

/** Throws `bad_name`, `other_keychain`, and what `enroll` throws. */
export async function enrollHere(
  around: Surroundings,
  { token, name = hostname(), keychain, signal }: HereOptions,
): Promise<DeviceIdentity> {
  if (!isName(name)) {
    throw new Failure('bad_name', `a device needs a name of 1 to ${nameBytesMax} printable bytes`, {
      hint: 'give one with --name NAME, or leave it out: it is the host name then',
    })
  }
  if ((await around.identities.readIdentity()) !== undefined) throw alreadyEnrolled()
  await requireKind(around.secrets, keychain)
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
