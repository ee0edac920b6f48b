/** The process of `backstay`. */
import { runAdminCommand } from './program.ts'
import { processTerminal } from './terminal.ts'

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
void main()

async function main(): Promise<void> {
  using terminal = processTerminal({ input: process.stdin, output: process.stdout, errors: process.stderr })
  const { signal } = interrupted
  process.exitCode = await runAdminCommand(process.argv.slice(2), {
    ...{ terminal, environment: process.env, signal },
  })
}
