/** The process of backstay-collector. */
import { outliveOutput, whenToldToEnd } from '@backstay/proto/command-line'
import { run } from './program.ts'

// What the collector makes is for its own user only, in whatever folder it lies.
process.umask(0o077)
const stop = new AbortController()
whenToldToEnd(() => stop.abort())

outliveOutput()
void main()

async function main(): Promise<void> {
  const code = await run(process.argv.slice(2), {
    print: line => void process.stdout.write(`${line}\n`),
    say: line => void process.stderr.write(`${line}\n`),
    environment: process.env,
    signal: stop.signal,
  })
  process.exitCode ||= code
}
