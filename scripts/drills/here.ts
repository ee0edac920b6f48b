/**
 * Commands run in the process of the test, on real sockets and files, for what a drill needs done on its way: to start a program
 * takes a third of a second of processor time, and most of a drill was that. What a drill is about, what is killed, and what runs as
 * another user is a process of its own (processes.ts). With SLOW=1 all of them are.
 */
import { runAgentCommand } from '@backstay/agent/commands/backstay-agent'
import { run as runCollectorCommand } from '@backstay/collector/commands/program'
import { Failure } from '@backstay/proto/failure'
import { runAdminCommand } from '../../collector/console/program.ts'
import { type Program, type Ran, run } from './processes.ts'

/** New key files cost whoever opens them a millisecond instead of half a second of scrypt: drills open theirs at each command. */
export const quickLogN = 10

export async function runHere(program: Program, words: readonly string[]): Promise<Ran> {
  if (process.env.SLOW === '1') return run(program, words)
  const texts = { out: '', err: '' }
  const terminal = {
    interactive: false,
    print(text: string) {
      texts.out += `${text}\n`
    },
    say(text: string) {
      texts.err += `${text}\n`
    },
    async ask(): Promise<string> {
      throw new Failure('no_answer', 'the question was not answered')
    },
    [Symbol.dispose]: () => undefined,
  }
  const environment = {}
  const { signal } = new AbortController()
  const code = await codeOf()
  return { code, ...texts }

  function codeOf(): Promise<number> {
    switch (program) {
      case 'agent':
        return runAgentCommand(words, { terminal, environment })
      case 'admin':
        return runAdminCommand(words, { terminal, environment, signal, scryptLogN: quickLogN })
      case 'collector':
        return runCollectorCommand(words, { ...terminal, environment, signal })
    }
  }
}
