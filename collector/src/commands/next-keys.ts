/** `backstay-collector next-keys`: keys for later, which owners put in the place of those of today. It may run beside `serve`. */
import { join } from 'node:path'
import { nodePrimitives as p } from '@backstay/proto/node'
import { systemClock } from '@backstay/proto/system-clock'
import { collectorKeysFingerprint, writeCollectorKeys } from '@backstay/proto/trust/collector-keys'
import { Command } from 'commander'
import { makeNextIdentity } from '../link/own-identity.ts'
import { type Flags, readSettings, withSettings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

export function nextKeysCommand(around: Surroundings): Command {
  const command = new Command('next-keys')
    .description('make the keys that shall take the place of those of today, and print what an owner signs')
    .option('--json', 'print the result as JSON')
  return withSettings(command, ['data']).action((flags: Flags) => nextKeys(flags, around))
}

async function nextKeys(flags: Flags, { print, say, environment }: Surroundings): Promise<void> {
  const { data } = readSettings(flags, environment)
  const { today, next } = await makeNextIdentity(p, join(data, 'identity'), systemClock.now())
  const text = await writeCollectorKeys(next, today.key)
  const named = { key: next.key.publicKey, spkiPins: [next.spkiPin] }
  const fingerprint = await collectorKeysFingerprint(p, named)
  if (flags.json === true) return print(JSON.stringify({ keys: text, fingerprint }))
  say('the collector goes on with the keys of today; hand this over, it is no secret. There:')
  say('    backstay collector-key replace FILE --kit KIT')
  say(`and compare: ${fingerprint}`)
  print(text.trimEnd())
}
