import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Terminal } from '@backstay/proto/command-line'
import type { Command } from 'commander'
import { type Polling, pollFolders } from '../watch/folder-poller.ts'

/** Started by a running agent (watch/polling-watcher.ts), which writes what is to be polled and reads what is told. */
export function addPollFolders(program: Command, terminal: Terminal): void {
  program
    .command('poll-folders', { hidden: true })
    .description('poll folders for a running agent')
    .action(async () => {
      const lines = createInterface(process.stdin)
      const [line] = (await once(lines, 'line')) as [string]
      // Nobody is left to be told. A place that does not answer holds up an orderly end.
      lines.once('close', () => process.kill(process.pid, 'SIGKILL'))
      await pollFolders(JSON.parse(line) as Polling, told => terminal.print(JSON.stringify(told)))
      await once(lines, 'close')
    })
}
