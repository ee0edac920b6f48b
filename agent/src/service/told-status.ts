/** How a device is, as whoever runs its agent is told: by the agent that runs, else from what the last one wrote down. */
import type { Surroundings } from '../agent.ts'
import { agoText } from '../commands/text.ts'
import type { Head } from '../keys/identity.ts'
import { askOwner } from '../local/ask-owner.ts'
import { readRecord } from './record.ts'
import { type Standing, sentenceOf, standingOf } from './sentence.ts'
import type { RunStatus } from './status.ts'

/** Another command that owns the state folder. */
export interface Working {
  readonly pid?: number
  readonly doing?: string
  readonly entries?: number
  readonly sentBytes?: number
}

export interface ToldStatus {
  /** For a person, lower case and without a full stop. */
  readonly sentence: string
  /** `unwatched`: no agent runs. */
  readonly standing: Standing | 'unwatched'
  readonly working: Working | RunStatus | undefined
  readonly head: Head
}

export async function toldStatus({ identities, clock, state }: Surroundings): Promise<ToldStatus> {
  const head = await identities.readHead()
  const { lastCompleteMs } = await readRecord(state)
  const working = (await askOwner(state, { ask: 'status' })) as ToldStatus['working']
  const nowMs = clock.now()
  if (isRun(working)) {
    return {
      ...{ head, working },
      sentence: sentenceOf(working, nowMs),
      standing: standingOf(working, nowMs),
    }
  }
  const sentence = `${protectedText(head.sequence, lastCompleteMs, nowMs)}; no agent watches: backstay-agent run`
  return { head, working, sentence, standing: head.sequence === 0 ? 'never' : 'unwatched' }
}

export function isRun(working: ToldStatus['working']): working is RunStatus {
  return working?.doing === 'run'
}

function protectedText(sequence: number, lastCompleteMs: number | undefined, nowMs: number): string {
  if (sequence === 0) return 'never backed up'
  return lastCompleteMs === undefined ? 'backed up' : `last protected ${agoText(lastCompleteMs, nowMs)}`
}
