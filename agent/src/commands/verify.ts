import { ExitCode, exitCodes, type Terminal } from '@backstay/proto/command-line'
import type { Command } from 'commander'
import { verifySnapshot } from '../restore/verify.ts'
import { restoreThreads } from '../threads/restore-threads.ts'
import { ownArchive } from './archive.ts'
import { chosen } from './browse.ts'
import { type CommonOptions, withCommonOptions, withReadingSession } from './options.ts'
import { bytesText, pathText } from './text.ts'

interface Options extends CommonOptions {
  readonly at?: string
}

export function addVerify(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('verify'))
    .description('read a snapshot back and compare every file with its hash, without writing anything')
    .option('--at <time>', 'the newest snapshot up to this time, or "#12" (default: the newest)')
    .action((options: Options) =>
      withReadingSession(options, terminal.say, async (agent, { session }, signal) => {
        const archive = await ownArchive(agent, session)
        const snapshot = await chosen(archive, terminal, options.at)
        await using threads = restoreThreads()
        const { opener } = threads
        const result = await verifySnapshot({ ...archive, opener, root: snapshot.root, signal })
        const { files, bytes, damaged, lostPages } = result
        const bad = damaged.map(({ path, code }) => ({ path: pathText(path), code }))
        if (options.json)
          terminal.print(
            JSON.stringify({ sequence: snapshot.commit.sequence, files, bytes, damaged: bad, lostPages }),
          )
        else {
          terminal.print(
            `snapshot #${snapshot.commit.sequence}: ${files} files, ${bytesText(bytes)} read back`,
          )
          for (const { path, code } of bad) terminal.print(`lost: ${path} (${code})`)
          if (lostPages > 0) terminal.print(`lost: ${lostPages} pages of the map, with the names on them`)
          if (bad.length + lostPages === 0) terminal.print('all of them are whole')
        }
        if (bad.length + lostPages > 0) throw new ExitCode(exitCodes.incomplete)
      }),
    )
}
