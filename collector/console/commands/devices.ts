/** `backstay devices`: who is protected, who is not, since when and why. With a name: all that is known of one. */
import { agoText, bytesText, shownText, tableText } from '@backstay/agent/commands/text'
import { lastContactMs, oldestChangeMs } from '@backstay/proto/health/facts'
import type { DeviceId } from '@backstay/proto/object/id'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { restWithKey } from '../collector-rest.ts'
import { findDevice } from '../device-archive.ts'
import { type FleetHealth, type JudgedDevice, readFleetHealth } from '../device-health.ts'
import { devicePage } from '../device-page.ts'
import { healthSentence, needsSomebody, stateText, sumText } from '../health-words.ts'
import { likenesses, unanswered } from '../likenesses.ts'
import { compareLogs, logForkSentence } from '../log-views.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import { policyStanding } from '../policy-standing.ts'
import type { Surroundings } from '../surroundings.ts'

interface DevicesOptions extends CommonOptions {
  readonly notSame?: string
}

export function devicesCommand(around: Surroundings): Command {
  const command = new Command('devices')
    .alias('device')
    .description('say how each device is protected, and why not; of one device everything')
    .argument('[device]', 'its name or id, or the beginning of an id')
    .option('--not-same <device>', 'say that it is no new installation of this one, which it looks like')
  return withCommonOptions(command).action((device: string | undefined, options: DevicesOptions) =>
    devices(around, device, options),
  )
}

async function devices(
  around: Surroundings,
  wanted: string | undefined,
  options: DevicesOptions,
): Promise<void> {
  await using session = await openAdminSession(around, options)
  const { terminal } = around
  const nowMs = around.clock.now()
  const fleet = await readFleetHealth(session, nowMs)
  warn(fleet, around)
  const logs = await compareLogs(session, fleet.devices)
  for (const fork of logs.forks) terminal.say(`warning: ${logForkSentence(fork)}`)
  if (wanted !== undefined) {
    const { device } = await findDevice(session, wanted)
    const one = fleet.devices.find(({ certificate }) => certificate.device === device)
    if (one === undefined) throw new Error('assertion failed: a device that was found is listed')
    if (options.notSame !== undefined) return await notSame(around, session, one, options.notSame)
    const standing = await policyStanding(session, one)
    await sayLookAlikes(around, session, fleet, device)
    terminal.print(options.json ? JSON.stringify(asJson(one)) : devicePage(one, standing, nowMs))
    return
  }
  if (options.json) {
    const unverified = fleet.unverified.map(({ row }) => ({
      ...{ name: '(unverified)', state: 'unverified', lastSeenMs: row.lastSeenMs },
    }))
    return terminal.print(JSON.stringify([...fleet.devices.map(asJson), ...unverified]))
  }
  if (fleet.devices.length + fleet.unverified.length === 0) {
    return terminal.print('no device yet; add one with: backstay token')
  }
  terminal.print(asTable(fleet, nowMs))
  await sayLookAlikes(around, session, fleet)
  const states = fleet.devices.map(({ health }) => health.state)
  terminal.print(`\n${sumText(states)}`)
  const [first] = fleet.devices
  if (first !== undefined && needsSomebody(first.health.state)) {
    terminal.say(`what to do about one: backstay devices ${first.certificate.name}`)
  }
}

/** Throws what the collector refuses with. */
async function notSame(
  around: Surroundings,
  session: AdminSession,
  { certificate }: JudgedDevice,
  wanted: string,
): Promise<void> {
  const { device, name } = await findDevice(session, wanted)
  await using rest = await restWithKey(around, { ...session, signingKey: session.admin.signingKey })
  await rest.send('POST', `/devices/${certificate.device}/not-same`, { device })
  around.terminal.print(`${shownText(certificate.name)} and ${shownText(name)} are two devices from now on`)
}

/** Of one device, or of all. */
async function sayLookAlikes(
  around: Surroundings,
  session: AdminSession,
  { devices }: FleetHealth,
  only?: DeviceId,
): Promise<void> {
  const { terminal, clock } = around
  const likely = likenesses(devices).filter(
    ({ now }) => only === undefined || now.certificate.device === only,
  )
  for (const { now, before } of await unanswered(around, session, likely)) {
    const [name, old] = [shownText(now.certificate.name), shownText(before.certificate.name)]
    terminal.say(
      `${name} looks like a new installation of ${old}, seen ${agoText(lastContactMs(before.facts, clock.now()), clock.now())}`,
    )
    terminal.say(
      `  if it is: backstay retire ${before.certificate.device} --reason 'replaced by ${now.certificate.device}'`,
    )
    terminal.say(
      `  if not:   backstay devices ${now.certificate.device} --not-same ${before.certificate.device}`,
    )
  }
}

function warn({ devices, unverified }: FleetHealth, { terminal }: Surroundings): void {
  if (unverified.length > 0) {
    terminal.say(`warning: ${unverified.length} device(s) were let in by no admin; do not restore from them`)
  }
  const forged = devices.filter(({ heartbeat }) => heartbeat === 'forged')
  if (forged.length === 0) return
  const names = forged.map(({ certificate }) => certificate.name).join(', ')
  terminal.say(`warning: the collector shows heartbeats that were not signed by their devices: ${names}`)
}

function asTable({ devices, unverified }: FleetHealth, nowMs: number): string {
  const head = ['state', 'name', 'why', 'seen', 'last complete', 'oldest change', 'stored', 'agent']
  const ago = (ms: number | undefined) => (ms === undefined ? '-' : agoText(ms, nowMs))
  const rows = devices.map(device => {
    const { certificate, row, health, facts } = device
    return [
      stateText[health.state],
      certificate.name,
      healthSentence(health, nowMs),
      row.online ? 'now' : agoText(row.lastSeenMs, nowMs),
      agoText(row.lastCompleteAtMs, nowMs),
      ago(oldestChangeMs(facts)),
      bytesText(row.storedBytes),
      facts.heard?.heartbeat.agentVersion ?? '-',
    ]
  })
  const strangers = unverified.map(({ row }) => [
    ...['? unverified', '(unverified)', 'no admin let it in', agoText(row.lastSeenMs, nowMs)],
    ...[agoText(row.lastCompleteAtMs, nowMs), '-', bytesText(row.storedBytes), '-'],
  ])
  return tableText(head, [...strangers, ...rows])
}

function asJson({ certificate, row, health, facts, proven, heartbeat }: JudgedDevice): object {
  const { name, device, platform } = certificate
  const { enrolledAtMs, lastSeenMs, lastCompleteAtMs, storedBytes, online, heardAtMs } = row
  return {
    ...{ name, device, platform, ...health, online, enrolledAtMs, lastSeenMs, heardAtMs },
    ...{ lastCompleteMs: lastCompleteAtMs, oldestChangeMs: oldestChangeMs(facts), storedBytes, proven },
    heartbeat: heartbeat === 'forged' || heartbeat === undefined ? undefined : heartbeatJson(heartbeat),
  }
}

function heartbeatJson({
  standing,
  refused,
  ...rest
}: Exclude<JudgedDevice['heartbeat'], 'forged' | undefined>) {
  const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return {
    ...rest,
    standing: standing && hexOf(standing),
    refused: refused.map(({ id, code }) => ({ id: hexOf(id), code })),
  }
}
