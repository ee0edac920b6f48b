import type { Terminal } from '@backstay/proto/command-line'
import { Failure } from '@backstay/proto/failure'
import { parseDuration } from '@backstay/proto/policy/schedule-text'
import type { Command } from 'commander'
import { askOwner } from '../local/ask-owner.ts'
import type { Question } from '../local/questions.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'
import { timeText } from './text.ts'

export function addPause(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('pause'))
    .description('start no backup for a while; it goes on by itself afterwards')
    .argument('<duration>', 'up to 7d, for example 1h or 90m')
    .action(async (duration: string, options: CommonOptions) => {
      const forMs = parseDuration(duration)
      const told = (await askRunning(options, { ask: 'pause', forMs })) as { readonly pausedUntilMs: number }
      terminal.print(options.json ? JSON.stringify(told) : `paused until ${timeText(told.pausedUntilMs)}`)
    })
}

export function addResume(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('resume'))
    .description('end a pause')
    .action(async (options: CommonOptions) => {
      await askRunning(options, { ask: 'resume' })
      terminal.print(options.json ? '{}' : 'backups go on')
    })
}

async function askRunning(options: CommonOptions, question: Question): Promise<unknown> {
  const told = await askOwner(stateOf(options), question)
  if (told !== undefined) return told
  throw new Failure('not_running', 'no agent runs for this state folder: there is nothing to pause', {
    hint: 'start it: backstay-agent run',
  })
}
