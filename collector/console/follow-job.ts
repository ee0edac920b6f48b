/** A job that was signed, until its device has reported; and what it found, sealed to its signer. */
import { bytesText, timeText } from '@backstay/agent/commands/text'
import { fromUtf8, hex } from '@backstay/proto/bytes'
import { type Identity, openWith } from '@backstay/proto/content/age'
import { Failure } from '@backstay/proto/failure'
import type { Certificate } from '@backstay/proto/trust/certificate'
import type { Job } from '@backstay/proto/trust/job'
import type { Order } from '@backstay/proto/trust/order'
import type { JobReport } from '@backstay/proto/trust/report'
import type { AdminSession } from './admin.ts'
import { reportKey, reportsOf } from './job-list.ts'
import type { Surroundings } from './surroundings.ts'

const lookMs = 500

/** Of one that nobody waits for. `told`: for programs, what is said beside its id. */
export function sayJobSigned(
  { terminal }: Surroundings,
  { id, expiresAtMs }: Order,
  json: boolean | undefined,
  told: Readonly<Record<string, string>> = {},
): void {
  terminal.print(
    json
      ? JSON.stringify({ ...told, job: hex(id) })
      : `signed: job ${hex(id)}, good until ${timeText(expiresAtMs)}`,
  )
}

/** Throws `job_expired` when the device did not come in time. */
export async function followJob(
  around: Surroundings,
  session: AdminSession,
  certificate: Certificate,
  { order }: Pick<Job, 'order'>,
): Promise<JobReport> {
  const { terminal, clock } = around
  let said = ''
  const say = (line: string) => {
    if (line !== said) terminal.say(line)
    said = line
  }
  for (;;) {
    const report = (await reportsOf(session, [certificate], certificate.device)).get(
      reportKey(certificate, order.id),
    )
    if (report !== undefined) return report
    if (clock.now() >= order.expiresAtMs) {
      throw new Failure('job_expired', 'the device did not come to do it in time', { hint: 'sign it again' })
    }
    around.signal.throwIfAborted()
    const { heardAtMs, entries, bytes } = await session.link.askProgress(certificate.device, order.id)
    if (heardAtMs === 0)
      say('signed; waiting for the device (you may interrupt: the job stands until its end)')
    else say(`under way: ${entries} entries, ${bytesText(bytes)}`)
    await clock.sleep(lookMs, around.signal)
  }
}

/** Undefined: nothing was found, or an owner signed, for whom nothing is sealed. */
export async function foundBy(identity: Identity, { sealed }: Pick<JobReport, 'sealed'>): Promise<unknown> {
  if (sealed.length === 0) return undefined
  return JSON.parse(fromUtf8(await openWith([identity], sealed)))
}
