import { runAdminCommand } from '../../collector/console/program.ts'
import { processTerminal } from '../../collector/console/terminal.ts'
import { quickLogN } from './here.ts'

void main()

async function main(): Promise<void> {
  using terminal = processTerminal({ input: process.stdin, output: process.stdout, errors: process.stderr })
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  process.exitCode = await runAdminCommand(process.argv.slice(2), {
    ...{ terminal, environment: process.env, signal: interrupted.signal, scryptLogN: quickLogN },
  })
}
