/** The jobs that were signed, and what each device reported: of one device, or of the fleet. */
import { shownText, tableText, timeText } from '@backstay/agent/commands/text'
import { type Bytes, hex } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeJob, type JobKind } from '@backstay/proto/trust/job'
import { decodeReport, type JobReport, verifyReport } from '@backstay/proto/trust/report'
import { type AdminSession, openAdminSession } from './admin.ts'
import { findDevice } from './device-archive.ts'
import { checkRow } from './known-device.ts'
import type { CommonOptions } from './options.ts'
import type { Surroundings } from './surroundings.ts'

/** Of a fleet; older ones are listed by device. */
const fleetJobsMax = 50

interface JobLine {
  readonly job: string
  readonly kind: JobKind
  readonly device: DeviceId
  readonly name: string
  readonly issuedAtMs: number
  /** As reported; without a report `waits`, or `ended` when its time is over. */
  readonly state: string
  readonly code: string
}

export async function listJobs(
  around: Surroundings,
  device: string | undefined,
  options: CommonOptions,
): Promise<void> {
  await using session = await openAdminSession(around, options)
  const certificates = device === undefined ? await allDevices(session) : [await findDevice(session, device)]
  const lines = await linesOf(session, certificates, around.clock.now(), device !== undefined)
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify(lines))
  if (lines.length === 0) return terminal.print('no job yet')
  const isFleet = device === undefined
  const rows = lines.map(({ issuedAtMs, name, kind, state, code, job }) => [
    timeText(issuedAtMs),
    ...(isFleet ? [shownText(name)] : []),
    ...[kind, state, code, job],
  ])
  terminal.print(tableText(['signed', ...(isFleet ? ['device'] : []), 'job', 'state', 'why', 'id'], rows))
}

/** Newest first. */
async function linesOf(
  session: AdminSession,
  certificates: readonly Certificate[],
  nowMs: number,
  isOne: boolean,
): Promise<readonly JobLine[]> {
  const byDevice = new Map(certificates.map(one => [one.device as string, one]))
  const reports = await reportsOf(session, certificates, isOne ? certificates[0]?.device : undefined)
  const lines: JobLine[] = []
  for await (const { envelope } of session.link.listRecords('job')) {
    try {
      const { order, kind } = decodeJob(decodeEnvelope(envelope).payload)
      for (const one of order.audience) {
        const certificate = byDevice.get(hex(one))
        if (certificate === undefined) continue
        const { device, name } = certificate
        const report = reports.get(reportKey(certificate, order.id))
        const open = nowMs >= order.expiresAtMs ? 'ended' : 'waits'
        const about = { job: hex(order.id), kind, device, name, issuedAtMs: order.issuedAtMs }
        lines.push({ ...about, state: report?.state ?? open, code: report?.code ?? '' })
      }
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  const newest = lines.toSorted((a, b) => b.issuedAtMs - a.issuedAtMs)
  return isOne ? newest : newest.slice(0, fleetJobsMax)
}

export const reportKey = ({ device }: Pick<Certificate, 'device'>, job: Bytes): string =>
  `${device} ${hex(job)}`

/** By `reportKey`. The first word of a device on each job counts; `device`: of no other. */
export async function reportsOf(
  { link, primitives }: AdminSession,
  certificates: readonly Certificate[],
  device?: DeviceId,
): Promise<ReadonlyMap<string, JobReport>> {
  const byDevice = new Map(certificates.map(one => [one.device, one]))
  const found = new Map<string, JobReport>()
  for await (const { envelope } of link.listRecords('report', device)) {
    try {
      const certificate = byDevice.get(decodeReport(decodeEnvelope(envelope).payload).device)
      if (certificate === undefined) continue
      const report = await verifyReport(primitives, envelope, certificate.deviceKey)
      const key = reportKey(certificate, report.job)
      if (!found.has(key)) found.set(key, report)
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return found
}

/** Only devices that an admin let in. */
async function allDevices({ link, primitives, history }: AdminSession): Promise<readonly Certificate[]> {
  const found: Certificate[] = []
  for await (const row of link.listDevices()) {
    const listed = await checkRow(primitives, history, row)
    if (listed.state === 'verified') found.push(listed.certificate)
  }
  return found
}
