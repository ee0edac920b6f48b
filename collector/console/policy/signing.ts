/** From a draft to orders that are in force: said first, asked for, signed, and followed until devices obey. */
import { shownText } from '@backstay/agent/commands/text'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { concerning, type StandingOrder, standingHash } from '@backstay/proto/policy/standing'
import { newOrder, nextSequence, type Order } from '@backstay/proto/trust/order'
import type { AdminSession } from '../admin.ts'
import type { CommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { type Change, type ChangedClass, changeOf } from './change.ts'
import { type Consequences, consequenceLines, consequencesOf } from './consequences.ts'
import type { FleetView } from './fleet-view.ts'

export interface SignOptions {
  readonly yes?: boolean
  readonly json?: boolean
}

export interface Preview {
  readonly change: Change
  readonly consequences: Consequences
}

/** Names of devices that are listed one by one. */
const namedMax = 8
/** A push takes less than a second; a fleet of a thousand four. */
const followMs = 5_000
const lookMs = 250

export async function preview(
  session: AdminSession,
  view: FleetView,
  orders: readonly StandingOrder[],
  nowMs: number,
): Promise<Preview> {
  const change = changeOf(view, orders)
  return { change, consequences: await consequencesOf(session, change, nowMs) }
}

export function previewLines({ change, consequences }: Preview): string[] {
  const { classes, untouched, resisted } = change
  const devices = classes.reduce((sum, one) => sum + one.devices.length, 0)
  const lines = [
    devices === 0
      ? 'no device of today changes'
      : `${devices} device(s) change${untouched > 0 ? `, ${untouched} do not` : ''}:`,
    ...classes.flatMap(classLines),
    ...[...resisted].map(
      ([key, count]) => `${key} is locked by a layer before: it stays as it is on ${count} device(s)`,
    ),
  ]
  return [...lines, ...consequenceLines(consequences)]
}

function classLines({ devices, changes }: ChangedClass): string[] {
  const names = devices.slice(0, namedMax).map(one => shownText(one.viewed.certificate.name))
  const more = devices.length > namedMax ? ` and ${devices.length - namedMax} more` : ''
  return [
    `  ${names.join(', ')}${more}`,
    ...changes.map(
      ({ setting, before, after }) => `    ${setting}: ${before ?? 'not set'} → ${after ?? 'not set'}`,
    ),
  ]
}

export function previewJson({ change, consequences }: Preview) {
  return {
    classes: change.classes.map(({ devices, changes }) => ({
      devices: devices.map(one => ({ name: one.viewed.certificate.name, device: one.viewed.place.device })),
      changes,
    })),
    untouched: change.untouched,
    resisted: Object.fromEntries(change.resisted),
    ...consequences,
  }
}

/** Throws `not_confirmed`. `named`: what must be typed when snapshots would be kept for a shorter time. */
export async function confirm(
  { terminal }: Surroundings,
  { consequences }: Preview,
  named: string,
  options: SignOptions,
): Promise<void> {
  if (consequences.keepsLess) {
    if (!terminal.interactive) {
      throw notConfirmed(
        'this keeps snapshots for a shorter time; that is confirmed on a terminal, by typing a name twice',
      )
    }
    for (const time of ['to confirm, type', 'and once more,']) {
      if (
        (await terminal.ask(`this keeps snapshots for a shorter time; ${time} "${named}": `)).trim() !== named
      ) {
        throw notConfirmed('that is another name')
      }
    }
    return
  }
  if (options.yes) return
  if (!terminal.interactive) throw notConfirmed('nobody is here to confirm', 'add --yes')
  if (!/^y(es)?$/i.test((await terminal.ask('sign and roll out? [y/N] ')).trim()))
    throw notConfirmed('it was not confirmed')
}

/** Puts the envelopes and waits until the devices that are connected obey, or a few seconds. Returns what to say. */
export async function rollOut(
  session: AdminSession,
  around: Surroundings,
  change: Change,
  envelopes: readonly Bytes[],
): Promise<{ readonly obey: number; readonly connected: number; readonly devices: number }> {
  for (const envelope of envelopes) await session.link.putRecord(envelope)
  const expected = new Map<string, Bytes>()
  for (const { viewed } of change.classes.flatMap(one => one.devices)) {
    const orders = concerning(change.standing, viewed.place)
    expected.set(viewed.place.device, await standingHash(session.primitives, orders))
  }
  const keys = new Map(
    change.classes.flatMap(one =>
      one.devices.map(({ viewed }) => [viewed.row.certificate, viewed.place.device] as const),
    ),
  )
  let now = { obey: 0, connected: 0, devices: expected.size }
  for (let waitedMs = 0; ; waitedMs += lookMs) {
    now = { ...now, obey: 0, connected: 0 }
    for await (const row of session.link.listDevices()) {
      const device = [...keys].find(([certificate]) => equalBytes(certificate, row.certificate))?.[1]
      const wanted = device && expected.get(device)
      if (wanted === undefined) continue
      const obeys = row.obeyed !== undefined && equalBytes(row.obeyed.standing, wanted)
      now = {
        ...now,
        obey: now.obey + (obeys ? 1 : 0),
        connected: now.connected + (row.online && !obeys ? 1 : 0),
      }
    }
    if (now.connected === 0 || waitedMs >= followMs) return now
    await around.clock.sleep(lookMs)
  }
}

/** Says what it does, asks, signs, rolls out. */
export async function enact(
  around: Surroundings,
  session: AdminSession,
  view: FleetView,
  orders: readonly StandingOrder[],
  sign: readonly (() => Promise<Bytes>)[],
  named: string,
  options: CommonOptions & { readonly yes?: boolean },
): Promise<void> {
  const { terminal } = around
  const told = await preview(session, view, orders, around.clock.now())
  if (!options.json) for (const line of previewLines(told)) terminal.say(line)
  await confirm(around, told, named, options)
  const envelopes = await Promise.all(sign.map(one => one()))
  const now = await rollOut(session, around, told.change, envelopes)
  if (options.json) return terminal.print(JSON.stringify({ signed: true, ...previewJson(told), ...now }))
  const rest = now.devices - now.obey
  const later = rest === 0 ? '' : `; ${rest} will when they connect`
  terminal.print(
    now.devices === 0 ? 'signed' : `signed; ${now.obey} of ${now.devices} device(s) obey it already${later}`,
  )
}

export function orderOf(
  around: Surroundings,
  session: AdminSession,
  before: readonly Order[],
  more: { readonly audience?: readonly Bytes[]; readonly expiresAtMs?: number } = {},
): Order {
  const { primitives, trust } = session
  const sequence = nextSequence(before, trust.document.version)
  return newOrder(primitives, trust, around.clock.now(), { ...more, sequence })
}

function notConfirmed(message: string, hint = 'nothing was signed'): Failure {
  return new Failure('not_confirmed', message, { hint })
}
