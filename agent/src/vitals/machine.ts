/**
 * The operating system and the model of the machine. The package that knows them takes 14 MiB and 80 ms, so it lives on
 * a thread that ends when it has answered.
 */
import type { Clock } from '@backstay/proto/clock'
import { printable } from '@backstay/proto/trust/fields'
import { ownThread } from '../threads/own-thread.ts'

export interface Machine {
  /** Name and version of the operating system. */
  readonly system: string
  /** Maker and model. */
  readonly model: string
}

export interface MachineAnswer {
  readonly machine: Partial<Machine>
  /** Facts that did not come in time. */
  readonly silent: readonly string[]
}

export const unknownMachine: Machine = { system: '', model: '' }

/** Of all of it, the start of the thread included. */
const answerMs = 10_000
/** A line of the heartbeat has 96 bytes, and a character at most 3. */
const charactersMax = 32
const script = new URL('./machine-worker.ts', import.meta.url)

/** Never rejects. */
export async function askMachine(clock: Pick<Clock, 'sleep'>, worker = script): Promise<MachineAnswer> {
  const answers: Record<string, string> = {}
  const thread = ownThread(worker, {
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
  })
  thread.unref()
  const over = new AbortController()
  const finished = new Promise<void>(resolve => {
    thread.on('message', ([fact, text]: readonly [string, string]) => {
      answers[fact] = tidy(text)
    })
    thread.once('error', () => resolve())
    thread.once('exit', () => resolve())
  })
  await Promise.race([finished, clock.sleep(answerMs, over.signal).catch(() => undefined)])
  over.abort()
  await thread.terminate()
  const silent = Object.keys(unknownMachine).filter(fact => answers[fact] === undefined)
  return { machine: answers, silent }
}

function tidy(text: string): string {
  return printable(text).replaceAll(/\s+/g, ' ').trim().slice(0, charactersMax)
}
