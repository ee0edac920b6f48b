/** `backstay parcels`: what was given from device to device, what became of it, and its end. */
import { bytesText, shownText, tableText, timeText } from '@backstay/agent/commands/text'
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { newOrder } from '@backstay/proto/trust/order'
import { signParcelEnd } from '@backstay/proto/trust/parcel'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { sayJobSigned } from '../follow-job.ts'
import { isRetired } from '../known-device.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import { type KnownParcel, knownParcels, parcelNamed } from '../parcel/known-parcels.ts'
import { rootOfParcel } from '../parcel/open-parcel.ts'
import { sendParcel } from '../parcel/send.ts'
import { requireYes } from '../requiring-yes.ts'
import type { Surroundings } from '../surroundings.ts'

interface ListOptions extends CommonOptions {
  readonly device?: string
}

interface RevokeOptions extends CommonOptions {
  readonly yes?: boolean
}

export function parcelsCommand(around: Surroundings): Command {
  const command = new Command('parcels').description('parcels that were given, and their end')
  const list = new Command('list')
    .description('list parcels, the newest first, and what became of each')
    .option('--device <device>', 'only those from or for it: its name or id')
  withCommonOptions(list).action((options: ListOptions) => listParcels(around, options))
  const revoke = new Command('revoke')
    .description(
      'end a parcel now: nobody can fetch it any more, and it goes; what was fetched stays where it is',
    )
    .argument('<id>', 'as listed')
    .option('--yes', 'do not ask')
  withCommonOptions(revoke).action((id: string, options: RevokeOptions) => revokeParcel(around, id, options))
  const send = new Command('send')
    .description('hand a parcel over once more: its receiver did not come in time, or had no room')
    .argument('<id>', 'as listed')
  withCommonOptions(send).action((id: string, options: CommonOptions) => sendAgain(around, id, options))
  return command.addCommand(list, { isDefault: true }).addCommand(revoke).addCommand(send)
}

async function listParcels(around: Surroundings, options: ListOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const all = await knownParcels(session, around.clock.now())
  const { terminal } = around
  const wanted = options.device
  const lines = (wanted === undefined ? all : all.filter(one => isOf(one, wanted))).map(lineOf)
  if (options.json) return terminal.print(JSON.stringify(lines))
  if (lines.length === 0) return terminal.print('no parcel')
  const rows = lines.map(one => [
    one.parcel,
    shownText(one.sourceName ?? one.source),
    shownText(one.receiverName ?? one.receiver),
    one.state + (one.code === '' ? '' : ` (${shownText(one.code)})`),
    one.arrived ? 'yes' : 'no',
    timeText(one.untilMs),
    String(one.entries),
    bytesText(one.bytes),
    one.paths?.map(shownText).join(', ') ?? '(not for you)',
  ])
  terminal.print(
    tableText(['id', 'from', 'to', 'state', 'fetched', 'until', 'entries', 'size', 'what'], rows),
  )
}

async function revokeParcel(around: Surroundings, wanted: string, options: RevokeOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const { given, receiver, state, report } = parcelNamed(
    await knownParcels(session, around.clock.now()),
    wanted,
  )
  if (state === 'ended' || state === 'over')
    throw new Failure('parcel_over', `parcel "${given.id}" is over already`, {
      hint: 'list them: backstay parcels',
    })
  const { terminal } = around
  await requireYes(around, options.yes, `end parcel ${given.id} for ${nameOf(receiver, given.receiver)}?`)
  const { primitives: p, trust, admin, link } = session
  const order = newOrder(p, trust, around.clock.now())
  await link.putRecord(await signParcelEnd(p, { order, ends: given.id }, admin.signingKey))
  if (options.json) return terminal.print(JSON.stringify({ parcel: given.id, end: hex(order.id) }))
  terminal.print(`parcel ${given.id} is over: nobody can fetch it any more`)
  if (hasArrived(report))
    terminal.say(`${nameOf(receiver, given.receiver)} had fetched it; what it restored stays there`)
}

async function sendAgain(around: Surroundings, wanted: string, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const nowMs = around.clock.now()
  const parcel = parcelNamed(await knownParcels(session, nowMs), wanted)
  const { given, receiver, contents, state } = parcel
  if (state === 'ended' || state === 'over')
    throw new Failure('parcel_over', `parcel "${given.id}" is over`, {
      hint: 'pack it again: backstay parcel DEVICE PATH --to DEVICE',
    })
  if (state === 'waiting')
    throw new Failure('parcel_waits', `parcel "${given.id}" waits for its receiver already`, {
      hint: 'see it: backstay job list',
    })
  if (receiver === undefined || (await isRetired(session, given.receiver)))
    throw new Failure('retired', `device "${given.receiver}" is retired and fetches nothing`)
  if (contents === undefined)
    throw new Failure('no_keyring', 'what this parcel holds does not open with your key', {
      hint: 'ask an admin who restores',
    })
  const root = await rootOfParcel(session, parcel)
  const untilMs = given.order.expiresAtMs
  const job = await sendParcel(
    session,
    receiver,
    { parcel: given.id, root, top: contents.top, untilMs },
    nowMs,
  )
  sayJobSigned(around, job.order, options.json, { parcel: given.id })
}

function isOf({ given, source, receiver }: KnownParcel, wanted: string): boolean {
  const isNamed = (id: string, one: Certificate | undefined) => id.startsWith(wanted) || one?.name === wanted
  return isNamed(given.source, source) || isNamed(given.receiver, receiver)
}

function lineOf({ given, source, receiver, contents, state, report, job }: KnownParcel) {
  const { order, entries, bytes } = given
  return {
    ...{ parcel: given.id, source: given.source, sourceName: source?.name },
    ...{ receiver: given.receiver, receiverName: receiver?.name, paths: contents?.paths, entries, bytes },
    ...{ givenAtMs: order.issuedAtMs, untilMs: order.expiresAtMs, state, code: report?.code ?? '' },
    arrived: hasArrived(report),
    job: job && hex(job),
  }
}

const hasArrived = (report: KnownParcel['report']): boolean => report?.state === 'done'

const nameOf = (one: Certificate | undefined, id: string): string => shownText(one?.name ?? id)
