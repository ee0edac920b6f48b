/** All that is known of one device, for a terminal: its state first, then each reason with what to do about it. */
import { agoText, bytesText, shownText, tableText, timeText } from '@backstay/agent/commands/text'
import { hex } from '@backstay/proto/bytes'
import { oldestChangeMs } from '@backstay/proto/health/facts'
import type { Heartbeat, Queue, Vitals, Watch } from '@backstay/proto/trust/heartbeat'
import type { JudgedDevice } from './device-health.ts'
import { healthSentence, reasonText, remedyText, stateText } from './health-words.ts'
import type { PolicyStanding } from './policy-standing.ts'

export function devicePage(device: JudgedDevice, standing: PolicyStanding, nowMs: number): string {
  const { certificate, health, heartbeat } = device
  const title = `${certificate.name}: ${stateText[health.state]}, ${healthSentence(health, nowMs)}`
  const reasons = health.reasons.flatMap(reason => {
    const remedy = remedyText(reason, certificate.name)
    const mark = reason.grade === 'note' ? '-' : '!'
    return [`  ${mark} ${reasonText(reason, nowMs)}`, ...(remedy === undefined ? [] : [`      ${remedy}`])]
  })
  const heard = heartbeat === 'forged' ? undefined : heartbeat
  const facts = [...factRows(device, nowMs), ...policyRows(standing), ...(heard ? heardRows(heard) : [])]
  return [title, ...reasons, '', tableText(['', ''], facts).trimStart()].join('\n')
}

type Row = readonly [string, string]

function factRows({ certificate, row, facts, proven }: JudgedDevice, nowMs: number): Row[] {
  const oldest = oldestChangeMs(facts)
  const seen = row.online
    ? `now, connected since ${timeText(row.onlineSinceMs)}`
    : agoText(row.lastSeenMs, nowMs)
  return [
    ['device', certificate.device],
    ['platform', certificate.platform],
    ['enrolled', timeText(row.enrolledAtMs)],
    ['seen', seen],
    ['last complete', agoText(row.lastCompleteAtMs, nowMs)],
    ['oldest change', oldest === undefined ? 'none that is known' : agoText(oldest, nowMs)],
    ['newest snapshot', facts.headSequence === 0 ? 'none' : `#${facts.headSequence}`],
    ['stored', bytesText(row.storedBytes)],
    ['escrow proven', proven.length > 0 ? proven.join(', ') : 'no'],
    ['heard', row.heartbeat === undefined ? 'never' : agoText(row.heardAtMs, nowMs)],
  ]
}

function policyRows({ layers, isObeyed }: PolicyStanding): Row[] {
  const names = layers.length === 0 ? 'none concerns this device' : layers.map(shownText).join(' + ')
  if (isObeyed === undefined) return [['policy', names]]
  return [['policy', isObeyed ? `${names}, obeyed` : `${names}, not obeyed yet`]]
}

function heardRows(heartbeat: Heartbeat): Row[] {
  const { agentVersion, watch, queue, refused, vitals, seenTrust, user, keyProtection } = heartbeat
  return [
    ['agent', `${shownText(agentVersion)}, knows Trust version ${seenTrust}`],
    ...(user === '' ? [] : [['user', shownText(user)] as const]),
    ...(keyProtection === '' ? [] : [['keys', keptTexts[keyProtection] ?? keyProtection] as const]),
    ['watch', watch === undefined ? 'no agent watches' : watchText(watch)],
    ...(queue === undefined ? [] : [['waiting', queueText(queue)] as const]),
    ...refused.map(({ id, code }): Row => ['refused order', `${hex(id)}: ${code}`]),
    ...(vitals === undefined ? [] : vitalRows(vitals)),
  ]
}

const keptTexts: Readonly<Record<string, string>> = {
  file: 'in files that only their owner may read',
  credential: 'sealed with a credential of systemd',
  keychain: 'in the keyring of its system',
}

function watchText({ roots, native, polled, absent, folders, unwatched, missed }: Watch): string {
  const parts = [
    `${native} of ${roots} roots by the kernel, ${folders} folders`,
    ...(polled > 0 ? [`${polled} roots polled`] : []),
    ...(absent > 0 ? [`${absent} roots not there`] : []),
    ...(unwatched > 0 ? [`${unwatched} folders by rescans only`] : []),
    ...(missed > 0 ? [`notices lost ${missed} times`] : []),
  ]
  return parts.join('; ')
}

function queueText({ everything, folders, objects, bytes }: Queue): string {
  const parts = [
    ...(everything ? ['a look at everything'] : []),
    ...(folders > 0 ? [`${folders} changed folders to look at`] : []),
    ...(objects > 0 ? [`${objects} objects (${bytesText(bytes)}) on their way`] : []),
  ]
  return parts.join('; ') || 'nothing'
}

function vitalRows(vitals: Vitals): Row[] {
  const { system, model, disks, memoryBytes, memoryFreeBytes, batteryPercent, charging } = vitals
  const free = (freeBytes: number, bytes: number) => `${bytesText(freeBytes)} of ${bytesText(bytes)} free`
  const power = batteryPercent === undefined ? 'none' : `${batteryPercent} %${charging ? ', on mains' : ''}`
  return [
    ['system', shownText([system, model].filter(text => text !== '').join(', ')) || 'unknown'],
    ...disks.map((disk, index): Row => [`disk ${index + 1}`, free(disk.freeBytes, disk.bytes)]),
    ['memory', free(memoryFreeBytes, memoryBytes)],
    ['battery', power],
    ['up', `${Math.round(vitals.uptimeMs / 3_600_000)} hours`],
    [
      'agent uses',
      `${bytesText(vitals.agentMemoryBytes)}, ${(vitals.agentCpuMs / 1000).toFixed(1)} s of processor`,
    ],
  ]
}
