/** Before `run` protects a device: that it is a member of a fleet, and that no token lies about any longer. */
import { hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeGrant } from '@backstay/proto/trust/grant'
import { decodeToken } from '@backstay/proto/trust/token'
import { agentVersion, type Surroundings } from '../agent.ts'
import type { Owner } from '../local/local.ts'
import type { Question } from '../local/questions.ts'
import type { Log } from '../service/log.ts'
import { settingsFolder } from '../system/settings-folder.ts'
import { type Awaiting, awaitEnrolment } from './await-enrolment.ts'
import { enrollHere } from './enroll-here.ts'
import type { EnrollingStatus } from './enrolment-status.ts'
import { removeLeftTokens } from './left-tokens.ts'
import { tokenSources } from './token-sources.ts'

export interface MemberOptions {
  /** Of the state folder; what is asked of it meanwhile is answered here. */
  readonly owner: Owner
  readonly tokenFile: string | undefined
  readonly name: string | undefined
  readonly log: Log
}

/** Resolves when this device is enrolled, or the signal has ended it. Throws `identity_damaged` and nothing else. */
export async function becomeMember(
  around: Surroundings,
  { owner, tokenFile, name, log }: MemberOptions,
  signal: AbortSignal,
): Promise<void> {
  const { identities, clock } = around
  const sources = tokenSources({ tokenFile, environment: process.env, settings: settingsFolder() })
  const identity = await identities.readIdentity()
  if (identity !== undefined) return removeLeftTokens(sources, identity.fleet, log)
  const awaiting = awaitEnrolment({
    ...{ clock, random: Math.random, log, sources },
    wasBegun: async token => grantOf(token) === ((await identities.readBegunEnrolment()) ?? ''),
    enroll: (token, other, signal) => enrollHere(around, { token, name: other ?? name, signal }),
  })
  owner.serve(question => answer(awaiting, question))
  await awaiting.run(signal).catch(error => {
    if (!signal.aborted) throw error
  })
}

/** Undefined for what is no token. */
function grantOf(token: string): string | undefined {
  try {
    return hex(decodeGrant(decodeEnvelope(decodeToken(token).grant).payload).order.id)
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}

async function answer(awaiting: Awaiting, question: Question): Promise<unknown> {
  if (question.ask === 'status') {
    // Who asks may have put a token there a moment ago.
    awaiting.hurry()
    const { failure, ...status } = awaiting.status
    const told = failure && { code: failure.code, message: failure.message, hint: failure.hint }
    const now: EnrollingStatus = {
      ...status,
      ...{ failure: told, pid: process.pid, doing: 'enroll', version: agentVersion },
    }
    return now
  }
  if (question.ask === 'enroll') {
    const { device, fleet } = await awaiting.hand(question.token, question.name)
    return { device, fleet }
  }
  throw new Failure('not_enrolled', 'this device is not enrolled yet', {
    remedy: 'retry',
    hint: 'see what it waits for: backstay-agent status',
  })
}
