/** `backstay audit`: what happened, and the proof that nobody rewrote it. */
import { tableText, timeText } from '@backstay/agent/commands/text'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { verifyCheckpoint } from '@backstay/proto/log/checkpoint'
import { leafHash } from '@backstay/proto/log/merkle'
import { includes } from '@backstay/proto/log/proof'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { AuditLine } from '@backstay/proto/rest/devices'
import { Command } from 'commander'
import type { CollectorRest } from '../collector-rest.ts'
import { genuineKeys } from '../genuine-keys.ts'
import { type CommonOptions, wholeNumber, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { within } from './alerts.ts'

interface AuditOptions extends CommonOptions {
  readonly limit: string
  readonly action?: string
  readonly actor?: string
  readonly commits?: boolean
  readonly prove?: boolean
}

export interface ProvedExport {
  readonly checkpoint: string
  readonly items: readonly {
    readonly number: number
    readonly entry: string
    readonly proof: readonly string[]
  }[]
}

const limitMax = 10_000

export function auditCommand(around: Surroundings): Command {
  const command = new Command('audit')
    .description('what happened, newest first: who signed, who signed in, what was changed and refused')
    .option('--limit <number>', `at most so many, up to ${limitMax}`, '50')
    .option('--action <word>', 'only this: job, policy, sign-in …')
    .option('--actor <who>', 'only of this one, as it is shown')
    .option('--commits', 'the commits of devices as well')
    .option(
      '--prove',
      'check the proof of each line under a checkpoint that the collector signed; --json keeps the proofs',
    )
  return withCommonOptions(command).action((options: AuditOptions) =>
    within(around, options, session => audit(around, session, options)),
  )
}

async function audit(
  around: Surroundings,
  session: CollectorRest,
  options: AuditOptions,
): Promise<[unknown, string]> {
  const limit = wholeNumber('the limit', options.limit, 1, limitMax)
  const { action, actor } = options
  const query = {
    limit,
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { actor }),
    ...(options.commits !== true && { withoutCommits: 'true' }),
  }
  const exported = await session.get<ProvedExport>('/audit.json', query)
  if (options.prove) {
    await requireProved(around.primitives, await genuineKeys(around, options), exported)
    around.terminal.say(`proved: ${exported.items.length} line(s) are in the log that the collector signed`)
  }
  const lines = exported.items.map(({ number, entry }) => ({ number, ...(JSON.parse(entry) as AuditLine) }))
  const rows = lines.map(({ number, atMs, actor, action, device, target, detail }) => [
    ...[
      String(number),
      timeText(atMs),
      shortened(actor),
      action,
      device?.slice(0, 8) ?? '',
      shortened(target ?? ''),
    ],
    Object.entries(detail ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  ])
  const text =
    rows.length === 0
      ? 'nothing like that is in the log'
      : tableText(['#', 'when', 'who', 'what', 'device', 'target', ''], rows)
  return [options.prove ? exported : lines, text]
}

/** Throws `not_proved`, and what `verifyCheckpoint` throws. */
export async function requireProved(
  p: Primitives,
  genuine: { readonly fleet: FleetId; readonly keys: readonly Bytes[] },
  { checkpoint, items }: ProvedExport,
): Promise<void> {
  const head = await verifyCheckpoint(p, utf8(checkpoint), genuine)
  for (const { number, entry, proof } of items) {
    const leaf = await leafHash(p, utf8(entry))
    const hashes = proof.map(digits => Uint8Array.fromHex(digits))
    if (await includes(p, { ...head, leaf, index: number, proof: hashes })) continue
    throw new Failure('not_proved', `line ${number} is not in the log that the collector signed`, {
      hint: 'whoever runs the collector must know why; keep this answer: --prove --json',
    })
  }
}

/** Keys and ids by their beginning; names whole. */
function shortened(text: string): string {
  return text.replaceAll(/[0-9a-f]{32,}/g, digits => `${digits.slice(0, 8)}…`)
}
