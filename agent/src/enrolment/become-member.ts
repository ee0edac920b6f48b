/** Before `run` protects a device: that it is a member of a fleet, and that no token lies about any longer. */
import { hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeGrant } from '@backstay/proto/trust/grant'
import { decodeToken } from '@backstay/proto/trust/token'
import { agentVersion, type Surroundings, surroundings } from '../agent.ts'
import { type DeviceIdentity, secretNames } from '../keys/identity.ts'
import type { KeychainKind } from '../keys/keychain-kind.ts'
import type { Owner } from '../local/local.ts'
import type { Question } from '../local/questions.ts'
import type { Log } from '../service/log.ts'
import { settingsFolder } from '../system/settings-folder.ts'
import { type Awaiting, awaitEnrolment } from './await-enrolment.ts'
import { awaitKeys } from './await-keys.ts'
import { enrollHere } from './enroll-here.ts'
import type { EnrollingStatus, EnrolmentStatus } from './enrolment-status.ts'
import { removeLeftTokens } from './left-tokens.ts'
import { managedToken, preferencesFile } from './managed-preferences.ts'
import { tokenSources } from './token-sources.ts'

export interface MemberOptions {
  /** Of the state folder; what is asked of it meanwhile is answered here. */
  readonly owner: Owner
  readonly tokenFile: string | undefined
  readonly name: string | undefined
  /** Which keychain was asked for. */
  readonly keychain: KeychainKind | undefined
  readonly log: Log
}

/**
 * Resolves when this device is enrolled and its keys answer, or the signal has ended it. Throws `identity_damaged` and
 * nothing else.
 */
export async function becomeMember(
  around: Surroundings,
  { owner, tokenFile, name, keychain, log }: MemberOptions,
  signal: AbortSignal,
): Promise<void> {
  const { identities, clock } = around
  const random = Math.random
  const sources = tokenSources({
    ...{ tokenFile, environment: process.env, settings: settingsFolder() },
    managed: isMacOfRoot ? { place: preferencesFile, read: managedToken } : undefined,
  })
  const keys = awaitKeys({ identities, clock, random, log })
  owner.serve(async question => answerWaiting(keys.status, question))
  const read = await keys.run(signal).catch(ended(signal))
  if (signal.aborted) return
  if (read?.identity !== undefined) {
    const { fleet } = read.identity
    await removeLeftTokens(sources, fleet, log)
    await sayOtherKeychain(around, keychain, log)
    await removeCopies(around, read.identity, log)
    return
  }
  const awaiting = awaitEnrolment({
    ...{ clock, random, log, sources },
    wasBegun: async token => grantOf(token) === ((await identities.readBegunEnrolment()) ?? ''),
    enroll(token, wishes, signal) {
      const { keychain } = wishes
      const here = keychain === undefined ? around : surroundings(around.state, keychain)
      return enrollHere(here, { token, name: wishes.name ?? name, keychain, signal })
    },
  })
  owner.serve(question => answer(around, awaiting, question))
  const member = await awaiting.run(signal).catch(ended(signal))
  // What lies in the other places is needless now.
  if (member !== undefined) await removeLeftTokens(sources, member.fleet, log)
}

const isMacOfRoot = process.platform === 'darwin' && process.geteuid?.() === 0

/** An end that was asked for is no error. */
const ended = (signal: AbortSignal) => (error: unknown) => {
  if (!signal.aborted) throw error
}

/** The choice of a keychain is made once; what was asked for and is not so must not look as if it were. */
async function sayOtherKeychain(
  { secrets }: Surroundings,
  wanted: KeychainKind | undefined,
  log: Log,
): Promise<void> {
  const kind = await secrets.kind()
  if (wanted === undefined || kind === wanted) return
  log('warn', 'the keys of this device stay where they were put when it enrolled', {
    ...{ kind, wanted },
    hint: `to put them there: backstay-agent keys --to ${wanted}`,
  })
}

/** What a move of the keys left that was cut off. Where it cannot be removed, `backstay-agent keys` says so. */
async function removeCopies({ secrets }: Surroundings, identity: DeviceIdentity, log: Log): Promise<void> {
  const copies = await secrets.copies()
  if (copies === undefined) return
  try {
    await secrets.settle(secretNames(identity))
    log('info', 'copies of keys removed', { copies })
  } catch (error) {
    if (!isFailure(error)) throw error
    const { code, message } = error
    log('warn', 'copies of keys may still lie where they were', { copies, code, message })
  }
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

async function answer({ secrets }: Surroundings, awaiting: Awaiting, question: Question): Promise<unknown> {
  // Who asks may have put a token there a moment ago.
  if (question.ask === 'status') awaiting.hurry()
  if (question.ask === 'enroll') {
    const { token, name, keychain } = question
    const { device, fleet } = await awaiting.hand(token, { name, keychain })
    return { device, fleet, keychain: await secrets.kind() }
  }
  return answerWaiting(awaiting.status, question)
}

/** Throws for whatever only a running agent does. */
function answerWaiting({ failure, ...status }: EnrolmentStatus, question: Question): EnrollingStatus {
  if (question.ask === 'status') {
    const told = failure && { code: failure.code, message: failure.message, hint: failure.hint }
    return {
      ...status,
      ...{ failure: told, pid: process.pid, doing: 'enroll', version: agentVersion },
    }
  }
  if (status.standing === 'locked' && failure !== undefined) {
    throw new Failure(failure.code, failure.message, { remedy: 'retry', hint: failure.hint ?? '' })
  }
  throw new Failure('not_enrolled', 'this device is not enrolled yet', {
    remedy: 'retry',
    hint: 'see what it waits for: backstay-agent status',
  })
}
