/** The parcels of a fleet as signatures prove them, and what became of each: whatever the collector says of them. */
import type { Bytes } from '@backstay/proto/bytes'
import { type Identity, openWith } from '@backstay/proto/content/age'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { type ParcelState, parcelState } from '@backstay/proto/policy/parcels'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeJob } from '@backstay/proto/trust/job'
import { isFor } from '@backstay/proto/trust/order'
import { receiverOf, type VerifiedParcel, verifyPastParcel } from '@backstay/proto/trust/parcel'
import type { JobReport } from '@backstay/proto/trust/report'
import type { AdminSession } from '../admin.ts'
import { deskIdentities } from '../desk.ts'
import { reportKey, reportsOf } from '../job-list.ts'
import { checkRow } from '../known-device.ts'
import { linkRecords } from '../record-source.ts'
import { erasedAmong } from '../retention-facts.ts'
import { decodeContents, type ParcelContents } from './contents.ts'

export interface KnownParcel {
  readonly given: Extract<VerifiedParcel, { id: DeviceId }>
  readonly source: Certificate | undefined
  readonly receiver: Certificate | undefined
  /** Undefined: this admin cannot open what its packer wrote down. */
  readonly contents: ParcelContents | undefined
  readonly state: ParcelState
  /** Of its newest job. */
  readonly job: Bytes | undefined
  readonly report: JobReport | undefined
}

/** Newest first. */
export async function knownParcels(session: AdminSession, nowMs: number): Promise<readonly KnownParcel[]> {
  const { given, ends } = await words(session)
  const certificates = await certificatesOf(session)
  const desk = await deskOf(session)
  const jobs = await jobsOf(session, given)
  const receivers = [...given.values()].flatMap(one => certificates.get(one.receiver) ?? [])
  const reports = await reportsOf(session, [...new Set(receivers)])
  const sources = [...given.values()].map(({ source }) => source)
  const erased = await erasedAmong(session, sources, nowMs)
  const found: KnownParcel[] = []
  for (const one of given.values()) {
    const receiver = certificates.get(one.receiver)
    const own = jobs.get(one.id) ?? []
    const reportOn = (id: Bytes) => receiver && reports.get(reportKey(receiver, id))
    const reported = own.flatMap(({ order }) => reportOn(order.id) ?? [])
    const report = reported.find(({ state }) => state === 'done') ?? reported.at(-1)
    const isEnded = ends.has(one.id) || erased.has(one.source)
    const times = { untilMs: one.order.expiresAtMs, endedAtMs: isEnded ? 0 : undefined }
    const tries = own.map(({ order }) => ({
      expiresAtMs: order.expiresAtMs,
      reported: reportOn(order.id)?.state,
    }))
    found.push({
      ...{ given: one, source: certificates.get(one.source), receiver, report },
      contents: await contentsOf(desk, one.sealed),
      state: parcelState(times, tries, nowMs),
      job: own.at(-1)?.order.id,
    })
  }
  return found.toSorted((a, b) => b.given.order.issuedAtMs - a.given.order.issuedAtMs)
}

/** `wanted`: an id or the beginning of one. Throws `unknown_parcel`. */
export function parcelNamed(parcels: readonly KnownParcel[], wanted: string): KnownParcel {
  const text = wanted.toLowerCase()
  const found = parcels.filter(
    ({ given }) => given.id === text || (text.length >= 4 && given.id.startsWith(text)),
  )
  const [only, second] = found
  if (only !== undefined && second === undefined) return only
  const why = second === undefined ? 'there is no parcel' : 'there is more than one parcel'
  throw new Failure('unknown_parcel', `${why} "${wanted}"`, { hint: 'list them: backstay parcels' })
}

/** By id, the first word on each; what does not verify is nobody's word. */
async function words({ primitives, link, history }: AdminSession) {
  const given = new Map<DeviceId, KnownParcel['given']>()
  const ends = new Set<DeviceId>()
  for await (const { envelope } of link.listRecords('parcel')) {
    try {
      const word = await verifyPastParcel(primitives, envelope, history)
      if ('ends' in word) ends.add(word.ends)
      else if (!given.has(word.id)) given.set(word.id, word)
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return { given, ends }
}

/** Only devices that an admin let in; also retired ones. */
async function certificatesOf({ link, primitives, history }: AdminSession) {
  const found = new Map<DeviceId, Certificate>()
  for await (const row of link.listDevices()) {
    const listed = await checkRow(primitives, history, row)
    if (listed.state === 'verified') found.set(listed.certificate.device, listed.certificate)
  }
  return found
}

/** Jobs that hand over each parcel to its receiver, oldest first. */
async function jobsOf({ link }: AdminSession, given: ReadonlyMap<DeviceId, KnownParcel['given']>) {
  const jobs = new Map<DeviceId, ReturnType<typeof decodeJob>[]>()
  for await (const { envelope } of link.listRecords('job')) {
    try {
      const job = decodeJob(decodeEnvelope(envelope).payload)
      const parcel = job.source && given.get(job.source)
      if (parcel === undefined || !isFor(receiverOf(parcel), job.order)) continue
      jobs.set(parcel.id, [...(jobs.get(parcel.id) ?? []), job])
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return jobs
}

/** None for who does not restore. */
async function deskOf({ link, history, admin }: AdminSession): Promise<readonly Identity[]> {
  try {
    return await deskIdentities(linkRecords(link), history, admin.identity)
  } catch (error) {
    if (isFailure(error, 'no_keyring') || isFailure(error, 'wrong_role')) return []
    throw error
  }
}

async function contentsOf(desk: readonly Identity[], sealed: Bytes): Promise<ParcelContents | undefined> {
  if (desk.length === 0) return undefined
  try {
    return decodeContents(await openWith([...desk], sealed))
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}
