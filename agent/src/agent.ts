/** The agent's composition root: the only file that chooses which keychain, transport, clock and system calls are used. */
import { join } from 'node:path'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { type EpochKeys, epochKeys } from '@backstay/proto/content/keys'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives } from '@backstay/proto/node'
import type { Place } from '@backstay/proto/policy/standing'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { productVersion } from '@backstay/proto/product-version'
import { systemClock } from '@backstay/proto/system-clock'
import { decodeCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { type VerifiedTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import type { Transport } from '@backstay/proto/wire/transport'
import { durableFiles } from './keys/durable-file.ts'
import { fileKeychain } from './keys/file-keychain.ts'
import { type DeviceIdentity, type Head, type IdentityStore, identityStore } from './keys/identity.ts'
import { type KeyStore, keyStore } from './keys/key-store.ts'
import type { KeychainKind } from './keys/keychain-kind.ts'
import { sealedKeychain } from './keys/sealed-keychain.ts'
import type { SmallFiles } from './keys/small-files.ts'
import { readStateKey } from './keys/state-key.ts'
import { environmentProxy } from './link/proxy.ts'
import { wsTransport } from './link/ws-transport.ts'
import { type Owner, ownState } from './local/local.ts'
import type { KnownOrders } from './policy/obey.ts'
import { boundedSystem, type FarPlaces } from './system/bounded-system.ts'
import { remembered } from './system/left-snapshots.ts'
import { loadSystem } from './system/load.ts'
import { makeFolders } from './system/make-folders.ts'
import { isServiceOfWindows, stateFolder } from './system/state-folder.ts'
import type { System } from './system/system.ts'
import type { VolumeSnapshots } from './system/volume-snapshot.ts'
import { boundedThreads } from './threads/bounded-threads.ts'

export const agentVersion = productVersion

/** What every command needs, enrolled or not. */
export interface Surroundings {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly transport: Transport
  readonly state: string
  /** Where small files of the state folder are kept. */
  readonly files: SmallFiles
  readonly identities: IdentityStore
  /** How the identity's secrets are kept. */
  readonly secrets: Pick<KeyStore, 'kind' | 'copies' | 'move' | 'settle'>
}

/** An enrolled agent that owns its state folder. */
export interface Agent extends Surroundings, AsyncDisposable {
  readonly system: System
  /** Where some of it may never answer. */
  readonly places?: FarPlaces
  /** Where the system has them, and this process may ask for them. */
  readonly volumeSnapshots?: VolumeSnapshots
  readonly identity: DeviceIdentity
  /** Of the current epoch. */
  readonly keys: EpochKeys
  readonly signingKey: SigningKey
  readonly trust: VerifiedTrust
  readonly orders: KnownOrders
  readonly place: Place
  readonly head: Head
  readonly owner: Owner
  readonly memoryFile: string
}

export const defaultState = (): string => process.env.BACKSTAY_STATE ?? stateFolder()

/** `keychain`: which one an enrolment shall use, where somebody says. */
export function surroundings(state: string, keychain?: KeychainKind): Surroundings {
  try {
    makeFolders(state, 0o700)
  } catch (cause) {
    throw new Failure('no_state', `the state folder "${state}" cannot be made`, {
      hint: 'name another with --state DIR',
      cause,
    })
  }
  const folder = join(state, 'identity')
  const secrets = keyStore(nodePrimitives, folder, {
    wanted: keychain,
    // Root's services on Linux have no keyring that outlives them.
    triesSystem: process.platform !== 'linux' || process.geteuid?.() !== 0,
    files: fileKeychain(folder),
    sealed: key => sealedKeychain(nodePrimitives, folder, key),
    stateKey: () => readStateKey(nodePrimitives, process.env),
    openSystem: async service => (await import('./keys/system-keychain.ts')).systemKeychain(service),
  })
  const identities = identityStore(nodePrimitives, folder, secrets)
  const transport = wsTransport({ clock: systemClock, proxyOf: environmentProxy(process.env) })
  return {
    ...{ primitives: nodePrimitives, clock: systemClock, transport, state, identities },
    files: durableFiles,
    secrets,
  }
}

export interface OpenOptions {
  readonly reading?: boolean
  readonly owner?: Owner
}

/**
 * Throws `not_enrolled`, `state_in_use`, `no_system_calls`, `identity_damaged`. `reading`: for commands that change
 * nothing in the state folder, which may work beside its owner. `owner`: of who owns it already, and goes on to.
 */
export async function openAgent(state: string, options: OpenOptions = {}): Promise<Agent> {
  const around = surroundings(state)
  const identity = await requireIdentity(around)
  const { reading = false, owner: given } = options
  const owner = given ?? (reading ? nobody : await ownState(state))
  const dispose = async () => {
    if (given === undefined) await owner[Symbol.asyncDispose]()
  }
  try {
    const here = { ...(await systemHere()), ...(await volumeSnapshotsHere(around)), owner }
    return await agentOf(around, identity, here, dispose)
  } catch (error) {
    // Whoever is told what is damaged may mend it and try again.
    await dispose()
    throw error
  }
}

/** With what lies in the state folder, on whatever disk that is. Throws `identity_damaged`. */
export async function agentOf(
  around: Surroundings,
  identity: DeviceIdentity,
  here: Pick<Agent, 'system' | 'places' | 'volumeSnapshots' | 'owner'>,
  dispose: () => Promise<void> = async () => undefined,
): Promise<Agent> {
  const { primitives: p, identities, state } = around
  const { secrets } = identity
  const current = secrets.epochs.at(-1)
  if (current === undefined) throw new Error('assertion failed: an identity has an epoch')
  return {
    ...around,
    ...here,
    identity,
    keys: await epochKeys(p, current.deviceSecret, secrets.borderSecret, current.epoch),
    signingKey: await p.signingKey(secrets.signingSeed),
    trust: await believedTrust(around, identity),
    orders: await identities.readOrders(),
    place: placeOf(identity),
    head: await identities.readHead(),
    memoryFile: join(state, 'memory.sqlite'),
    [Symbol.asyncDispose]: dispose,
  }
}

/** Elsewhere than on Linux nobody lists what is mounted: there a share that does not answer is waited for. */
async function systemHere(): Promise<Pick<Agent, 'system' | 'places'>> {
  const system = await loadSystem()
  return process.platform === 'linux' ? boundedSystem(system, { calls: boundedThreads() }) : { system }
}

/** They are for the service: who runs the agent by hand may not make them, and would be told so each time. */
async function volumeSnapshotsHere({ state, files }: Surroundings): Promise<Pick<Agent, 'volumeSnapshots'>> {
  const snapshots = await snapshotsOfSystem()
  if (snapshots === undefined) return {}
  const file = join(state, 'volume-snapshots')
  const read = async () => {
    const noted = await files.read(file, notedBytesMax)
    return noted && fromUtf8(noted)
  }
  return { volumeSnapshots: remembered(snapshots, { read, write: text => files.write(file, utf8(text)) }) }
}

/** Some dozen names. */
const notedBytesMax = 64 * 1024

async function snapshotsOfSystem(): Promise<VolumeSnapshots | undefined> {
  if (process.platform === 'darwin' && process.geteuid?.() === 0)
    return (await import('./system/macos-volume-snapshot.ts')).macosVolumeSnapshots()
  if (isServiceOfWindows())
    return (await import('./system/windows-volume-snapshot.ts')).windowsVolumeSnapshots()
  return undefined
}

/** Of an agent that owns nothing. */
export const nobody: Owner = {
  answer: () => undefined,
  serve: () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
}

export async function requireIdentity({ identities, state }: Surroundings): Promise<DeviceIdentity> {
  const identity = await identities.readIdentity()
  if (identity !== undefined) return identity
  throw new Failure('not_enrolled', `this device is not enrolled: "${state}" holds no identity`, {
    hint: 'ask an admin for a token and run: backstay-agent enroll TOKEN',
  })
}

export async function believedTrust(
  { primitives, identities }: Surroundings,
  { fleet }: DeviceIdentity,
): Promise<VerifiedTrust> {
  return verifyTrustChain(primitives, (await identities.readTrust()).chain, fleet)
}

/** Where this device stands for orders: itself, and the grant that it came by. */
export function placeOf({ certificate, device }: DeviceIdentity): Place {
  const { grantId } = decodeCertificate(decodeEnvelope(certificate).payload)
  return { device, grantId }
}
