/** `backstay prove`: the escrow drill. Exit code 1 when any device could not be recovered. */

import { ExitCode } from '@backstay/proto/command-line'
import { recipientOf } from '@backstay/proto/content/age'
import { requireKitOf } from '@backstay/proto/content/kit'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { readKitFile } from '../kit-file.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import { type DrillResult, drill, waysOf } from '../proving.ts'
import { linkRecords } from '../record-source.ts'
import type { Surroundings } from '../surroundings.ts'

interface ProveOptions extends CommonOptions {
  readonly kit?: string
}

export function proveCommand(around: Surroundings): Command {
  const command = new Command('prove')
    .description('open the escrow of every device, to know that its backups can be read again')
    .option('--kit <file>', 'also with the recovery kit: its saved page, or its three lines as text')
  return withCommonOptions(command).action((options: ProveOptions) => prove(around, options))
}

async function prove(around: Surroundings, options: ProveOptions): Promise<void> {
  // First, so that a typing mistake in it is found before anyone types a passphrase.
  const kit = options.kit === undefined ? undefined : await readKitFile(options.kit)
  await using session = await openAdminSession(around, options)
  if (kit !== undefined) requireKitOf(kit, session.trust.fleet)
  const prover = { ...session, ...session.admin }
  const ways = await waysOf(prover, kit)
  if (kit !== undefined && (await recipientOf(kit.identity)) !== session.trust.document.kitRecipient) {
    around.terminal.say(
      'this kit was replaced: it opens what was sealed for it, and proves nothing for today',
    )
  }
  const results: DrillResult[] = []
  for await (const result of drill(prover, linkRecords(session.link), ways, around.clock.now())) {
    results.push(result)
    if (!options.json) around.terminal.print(lineOf(result))
  }
  if (options.json) around.terminal.print(JSON.stringify(results))
  else if (results.length === 0) around.terminal.print('no device yet; add one with: backstay token')
  const lost = results.filter(result => !result.recoverable).length
  if (lost === 0) return
  around.terminal.say(`error: ${lost} of ${results.length} device(s) could not be recovered`)
  around.terminal.say('hint: while they still live, enroll them anew: backstay token')
  throw new ExitCode(1)
}

function lineOf(result: DrillResult): string {
  const { name, recoverable, ways, problems, notes } = result
  const state = recoverable ? `recoverable (${ways.join(', ')})` : 'NOT RECOVERABLE'
  return [`${name}: ${state}`, ...[...problems, ...notes].map(line => `  ${line}`)].join('\n')
}
