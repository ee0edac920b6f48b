/**
 * Who this device is: keys, head and Trust. Tiny, fsynced, and never guessed: what is damaged or missing stops the agent
 * with the name of the file, because an agent that starts again from nothing would believe whatever it is told.
 *
 *     <state>/identity/device.json   public: ids, certificate, grant, addresses; written last, so it means "enrolled"
 *     <state>/identity/trust.json    the chain of Trust
 *     <state>/identity/orders.json   the orders about policy that are obeyed, and the highest number of each place
 *     <state>/identity/jobs.json     jobs that were begun, until they end: none is done twice
 *     <state>/identity/begun.json    the job under way, until its report is brought (jobs/begun-job.ts)
 *     <state>/identity/head.json     the newest acknowledged commit
 *     <state>/identity/ratchet.json  what the collector wants to see at the next connection (proto/wire/ratchet.ts)
 *     <state>/identity/log.json      the newest state of the collector's log that this device saw (proto/log/witness.ts)
 *     <state>/identity/enrolling.json  only while an enrolment is under way: its grant
 *     keychain "device", "epoch-1" …  (key-store.ts) the secrets, those of each epoch apart, since keychains take little at a time
 *
 * Each is replaced as a whole; head, trust and orders change apart from one another and from the rest.
 */
import { join } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import type { Identity } from '@backstay/proto/content/age'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { WitnessedLog } from '@backstay/proto/log/witness'
import type { DeviceId, FleetId, ObjectId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { noJobs, type RememberedJobs } from '@backstay/proto/trust/replay'
import type { BegunJob } from '../jobs/begun-job.ts'
import type { KnownOrders } from '../policy/obey.ts'
import { checkedJson, type Place, readChecked } from './checked-json.ts'
import { durableFiles } from './durable-file.ts'
import {
  parseBegunJob,
  parseDevice,
  parseDoneJobs,
  parseEpoch,
  parseHead,
  parseOrders,
  parseRatchet,
  parseSecrets,
  parseTrust,
  writeBegunJob as writeBegunJobJson,
  writeDevice,
  writeEpoch,
  writeOrders,
  writeRatchet as writeRatchetJson,
  writeSecrets,
  writeTrust,
} from './identity-json.ts'
import type { Keychain } from './keychain.ts'
import type { SmallFiles } from './small-files.ts'
import { parseWitnessed, writeWitnessed } from './witnessed-json.ts'

export interface DeviceIdentity {
  readonly fleet: FleetId
  readonly device: DeviceId
  /** `wss://…` of the collectors, from the token. */
  readonly urls: readonly string[]
  /** Envelopes. */
  readonly certificate: Bytes
  readonly grant: Bytes
  readonly secrets: IdentitySecrets
}

/** Never logged, never in a message. */
export interface IdentitySecrets {
  /** Ed25519 seed, 32 bytes. */
  readonly signingSeed: Bytes
  /** 32 bytes, fixed at enrolment. */
  readonly borderSecret: Bytes
  /** `AGE-SECRET-KEY-PQ-1…`, receives sealed jobs. */
  readonly identity: Identity
  /** Oldest first; the last is the current one, the others still open older snapshots. At least one. */
  readonly epochs: readonly { readonly epoch: number; readonly deviceSecret: Bytes }[]
}

export interface KnownTrust {
  /** Envelopes of versions 1 to newest. */
  readonly chain: readonly Bytes[]
  /** The version for whose kit and desk the keys of all epochs were sealed last, and which the collector has. */
  readonly escrowedFor: number
}

/** Sequence 0 without an id: nothing was committed yet. */
export interface Head {
  readonly sequence: number
  readonly id: ObjectId | undefined
}

export const firstEpoch = 1

/** Under which an identity's secrets lie in its keychain. */
export function secretNames({ secrets }: Pick<DeviceIdentity, 'secrets'>): string[] {
  return ['device', ...secrets.epochs.map(({ epoch }) => epochName(epoch))]
}

const epochName = (epoch: number): string => `epoch-${epoch}`

export const noHead: Head = { sequence: 0, id: undefined }

export interface IdentityStore {
  /** Undefined before enrolment. All reads throw `identity_damaged` when a file is not what was written. */
  readIdentity(): Promise<DeviceIdentity | undefined>
  readTrust(): Promise<KnownTrust>
  readOrders(): Promise<KnownOrders>
  /** Jobs that were begun, until they end. */
  readDoneJobs(): Promise<RememberedJobs>
  /** Undefined when none is under way. */
  readBegunJob(): Promise<BegunJob | undefined>
  readHead(): Promise<Head>
  /** Undefined when there is none, or it is damaged: to ask is no reason to stop. */
  readRatchet(): Promise<Bytes | undefined>
  /**
   * Before a grant is used: makes the secrets of the new device durable and returns them. When an enrolment with the same
   * grant was interrupted, its secrets are returned instead: the collector may know that device already, and the grant
   * is not used up by nobody.
   */
  prepare(grant: string, fresh: IdentitySecrets): Promise<IdentitySecrets>
  /** The grant of an enrolment that was begun and not ended; undefined when there is none, or its mark is damaged. */
  readBegunEnrolment(): Promise<string | undefined>
  /** At enrolment, once; interrupted, it leaves the device not enrolled. */
  enroll(identity: DeviceIdentity, trust: KnownTrust, orders: KnownOrders): Promise<void>
  /** A new epoch, or other addresses. */
  writeIdentity(identity: DeviceIdentity): Promise<void>
  writeTrust(trust: KnownTrust): Promise<void>
  writeOrders(orders: KnownOrders): Promise<void>
  writeDoneJobs(jobs: RememberedJobs): Promise<void>
  /** Undefined: none is under way any more. */
  writeBegunJob(begun: BegunJob | undefined): Promise<void>
  writeHead(head: Head): Promise<void>
  writeRatchet(value: Bytes): Promise<void>
  /** Undefined when there is none, or it is damaged: then this device is a witness from now on. */
  readWitnessed(): Promise<WitnessedLog | undefined>
  writeWitnessed(log: WitnessedLog): Promise<void>
}

/** A long chain of large documents; what is larger was not written by us. */
const fileBytesMax = 64 * 1024 * 1024
const hint =
  'put back the file from a copy of the state folder, or enroll this device anew: backstay-agent enroll'

/** `folder` is `<state>/identity`. */
export function identityStore(
  p: Primitives,
  folder: string,
  keychain: Keychain,
  files: SmallFiles = durableFiles,
): IdentityStore {
  const path = (name: string) => join(folder, name)

  async function read<T>(name: string, parse: (place: Place, content: unknown) => T): Promise<T | undefined> {
    const place = { what: `"${path(name)}"`, hint }
    const bytes = await files.read(path(name), fileBytesMax)
    return bytes === undefined ? undefined : parse(place, await readChecked(p, place, bytes))
  }

  async function readOrNothing<T>(
    name: string,
    parse: (place: Place, content: unknown) => T,
  ): Promise<T | undefined> {
    try {
      return await read(name, parse)
    } catch (error) {
      if (isFailure(error, 'identity_damaged')) return undefined
      throw error
    }
  }

  async function write(name: string, content: unknown): Promise<void> {
    await files.write(path(name), await checkedJson(p, content))
  }

  async function readSecret<T>(name: string, parse: (place: Place, content: unknown) => T): Promise<T> {
    const place = { what: `secret "${name}" in the keychain`, hint }
    const bytes = await keychain.get(name)
    if (bytes === undefined) throw missing(place.what)
    return parse(place, await readChecked(p, place, bytes))
  }

  async function writeSecret(name: string, content: unknown): Promise<void> {
    await keychain.set(name, await checkedJson(p, content))
  }

  async function writeAllSecrets(secrets: IdentitySecrets): Promise<void> {
    for (const { epoch, deviceSecret } of secrets.epochs) {
      await writeSecret(epochName(epoch), writeEpoch(deviceSecret))
    }
    await writeSecret('device', writeSecrets(secrets))
  }

  /** Undefined when there is none of this grant, or not whole: nobody was told of such a device. */
  async function prepared(grant: string): Promise<IdentitySecrets | undefined> {
    try {
      if ((await store.readBegunEnrolment()) !== grant) return undefined
      return { ...(await readSecret('device', parseSecrets)), epochs: await readEpochs([firstEpoch]) }
    } catch (error) {
      if (isFailure(error, 'identity_damaged')) return undefined
      throw error
    }
  }

  async function readEpochs(epochs: readonly number[]) {
    const read: { epoch: number; deviceSecret: Bytes }[] = []
    for (const epoch of epochs) {
      read.push({ epoch, deviceSecret: await readSecret(epochName(epoch), parseEpoch) })
    }
    return read
  }

  const store: IdentityStore = {
    async readIdentity() {
      const device = await read('device.json', parseDevice)
      if (device === undefined) return undefined
      const { epochs, ...open } = device
      const lasting = await readSecret('device', parseSecrets)
      return { ...open, secrets: { ...lasting, epochs: await readEpochs(epochs) } }
    },
    async readTrust() {
      const trust = await read('trust.json', parseTrust)
      if (trust === undefined) throw missing(`"${path('trust.json')}"`)
      return trust
    },
    async readDoneJobs() {
      const done = await read('jobs.json', parseDoneJobs)
      // Not begun again from nothing: what was done would be done again.
      if (done === undefined) throw missing(`"${path('jobs.json')}"`)
      return done
    },
    readBegunJob: () => read('begun.json', parseBegunJob),
    async readOrders() {
      const orders = await read('orders.json', parseOrders)
      // Not begun again from nothing: an older order would be obeyed again.
      if (orders === undefined) throw missing(`"${path('orders.json')}"`)
      return orders
    },
    async readHead() {
      const head = await read('head.json', parseHead)
      if (head === undefined) throw missing(`"${path('head.json')}"`)
      return head
    },
    readBegunEnrolment: () => readOrNothing('enrolling.json', parseGrantId),
    async prepare(grant, fresh) {
      const before = await prepared(grant)
      if (before !== undefined) return before
      // Never a mark of one enrolment beside the secrets of another.
      await files.remove(path('enrolling.json'))
      await writeAllSecrets(fresh)
      await write('enrolling.json', { grant })
      return fresh
    },
    async enroll(identity, trust, orders) {
      if ((await files.read(path('device.json'), fileBytesMax)) !== undefined) {
        throw new Failure('already_enrolled', `this device is enrolled already ("${path('device.json')}")`)
      }
      await store.writeTrust(trust)
      await store.writeOrders(orders)
      await store.writeDoneJobs(noJobs)
      await store.writeHead(noHead)
      await store.writeIdentity(identity)
      await files.remove(path('enrolling.json'))
    },
    async writeIdentity(identity) {
      await writeAllSecrets(identity.secrets)
      await write('device.json', writeDevice(identity))
    },
    writeTrust: trust => write('trust.json', writeTrust(trust)),
    writeOrders: orders => write('orders.json', writeOrders(orders)),
    writeDoneJobs: jobs => write('jobs.json', jobs),
    async writeBegunJob(begun) {
      if (begun === undefined) await files.remove(path('begun.json'))
      else await write('begun.json', writeBegunJobJson(begun))
    },
    writeHead: head => write('head.json', head),
    readRatchet: () => readOrNothing('ratchet.json', parseRatchet),
    readWitnessed: () => readOrNothing('log.json', parseWitnessed),
    writeWitnessed: log => write('log.json', writeWitnessed(log)),
    writeRatchet: value => write('ratchet.json', writeRatchetJson(value)),
  }
  return store
}

function parseGrantId(_: Place, content: unknown): string | undefined {
  const grant =
    typeof content === 'object' && content !== null && 'grant' in content ? content.grant : undefined
  return typeof grant === 'string' ? grant : undefined
}

function missing(what: string): Failure {
  return new Failure('identity_damaged', `${what} is missing, though this device is enrolled`, {
    remedy: 'repair',
    hint,
  })
}
