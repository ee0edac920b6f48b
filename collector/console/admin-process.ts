/** The process of `backstay`: its words, its terminal, its end. */
import { outliveOutput, whenToldToEnd } from '@backstay/proto/command-line'
import { runAdminCommand } from './program.ts'
import { processTerminal } from './terminal.ts'

/** `scryptLogN`: as in Surroundings. */
export async function runAdminProcess(scryptLogN?: number): Promise<void> {
  outliveOutput()
  const interrupted = new AbortController()
  using terminal = processTerminal({ input: process.stdin, output: process.stdout, errors: process.stderr })
  whenToldToEnd(() => {
    interrupted.abort()
    // Nobody answers any more.
    terminal[Symbol.dispose]()
  })
  const code = await runAdminCommand(process.argv.slice(2), {
    ...{ terminal, environment: process.env, signal: interrupted.signal },
    ...(scryptLogN !== undefined && { scryptLogN }),
  })
  process.exitCode ||= code
}
