/** The process of `backstay`: its words, its terminal, its end. */
import { outliveOutput } from '@backstay/proto/command-line'
import { runAdminCommand } from './program.ts'
import { processTerminal } from './terminal.ts'

/** `scryptLogN`: as in Surroundings. */
export async function runAdminProcess(scryptLogN?: number): Promise<void> {
  outliveOutput()
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  using terminal = processTerminal({ input: process.stdin, output: process.stdout, errors: process.stderr })
  const code = await runAdminCommand(process.argv.slice(2), {
    ...{ terminal, environment: process.env, signal: interrupted.signal },
    ...(scryptLogN !== undefined && { scryptLogN }),
  })
  process.exitCode ||= code
}
