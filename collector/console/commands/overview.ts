/** `backstay overview`: are we OK? What the page of that name says, as the collector says it. */
import { agoText, bytesText, shownText, timeText } from '@backstay/agent/commands/text'
import { deviceStates, type Overview } from '@backstay/proto/rest/overview'
import { Command } from 'commander'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { within } from './alerts.ts'

/** More than this is a list to work through: `backstay devices`. */
const shownMax = 10

export function overviewCommand(around: Surroundings): Command {
  const command = new Command('overview').description(
    'are we OK? coverage, what needs somebody now, storage, the last scrub and proof of keys',
  )
  return withCommonOptions(command).action((options: CommonOptions) =>
    within(around, options, async rest => {
      const told = await rest.get<Overview>('/overview')
      return [told, overviewText(told, around.clock.now())]
    }),
  )
}

export function overviewText(told: Overview, nowMs: number): string {
  return [
    coverageLine(told),
    ...(told.oldestUnprotected === undefined
      ? []
      : [
          `oldest change that is not backed up: ${agoText(told.oldestUnprotected.sinceMs, nowMs)}, on ${shownText(told.oldestUnprotected.name)}`,
        ]),
    ...storageLine(told),
    proofLine(told, nowMs),
    ...needLines(told),
    ...told.notices.map(({ what, remedy }) => `! ${what}\n    ${remedy}`),
  ].join('\n')
}

function coverageLine({ coverage, counts }: Overview): string {
  if (coverage === undefined) return 'no device is enrolled yet'
  const some = deviceStates.filter(state => counts[state] > 0)
  const told = some.map(state => `${counts[state]} ${state.replaceAll('_', ' ')}`)
  // Rounded down: all of them are protected only when all of them are.
  return `${Math.floor(coverage * 1000) / 10} % protected: ${told.join(', ')}`
}

function storageLine({ storage }: Overview): readonly string[] {
  if (storage === undefined) return []
  const { bytes, diskFreeBytes, fullAtMs } = storage
  const full = fullAtMs === undefined ? '' : `; full about ${timeText(fullAtMs)} if it goes on like this`
  return [`${bytesText(bytes)} stored, ${bytesText(diskFreeBytes)} free${full}`]
}

function proofLine({ scrub, drill }: Overview, nowMs: number): string {
  const when = (ms: number | undefined) => (ms === undefined ? 'never' : agoText(ms, nowMs))
  const scrubbed = scrub && `last scrub ${when(scrub.lastAtMs)}, damaged objects: ${scrub.damaged}; `
  return `${scrubbed ?? ''}last proof of keys ${when(drill.lastProofAtMs)}, unproven: ${drill.unproven}`
}

function needLines({ attention, attentionTotal }: Overview): readonly string[] {
  if (attentionTotal === 0) return ['nothing needs you now']
  const left = attentionTotal - Math.min(shownMax, attention.length)
  return [
    `needs you now (${attentionTotal}):`,
    ...attention
      .slice(0, shownMax)
      .flatMap(({ severity, what, sinceMs, remedy }) => [
        `${severity === 'critical' ? '!!' : '! '} ${shownText(what)}, since ${timeText(sinceMs)}`,
        `     ${remedy}`,
      ]),
    ...(left > 0 ? [`and ${left} more: backstay devices`] : []),
  ]
}
