// New keys of a collector, as people carry them: through mail and back, and from nobody but a collector of the fleet.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFailure } from '../failure.ts'
import { nodePrimitives as p } from '../node.ts'
import { collectorKeysFingerprint, readCollectorKeys, writeCollectorKeys } from './collector-keys.ts'
import { testFleet, testKey } from './testing/fleet.ts'

const bad = (error: unknown) => isFailure(error, 'bad_collector_keys')
const fleet = await testFleet(p)
const { collectors } = fleet.trust.document
const next = { key: await testKey(p, 'next collector'), spkiPin: new Uint8Array(32).fill(8) }
const text = await writeCollectorKeys(next, fleet.collector)

test('they survive mail, with the pin and key that Trust is to name', async () => {
  const mailed = `Hello,\r\n\r\n${text.replaceAll('\n', '  \r\n')}\r\n-- \r\nBerta`
  const read = await readCollectorKeys(p, mailed, collectors)
  assert.deepEqual(read.today, collectors[0])
  assert.deepEqual(read.next, {
    ...{ key: next.key.publicKey, spkiPins: [next.spkiPin], binding: 'tls_exporter' },
  })
  const named = { key: next.key.publicKey, spkiPins: [next.spkiPin] }
  assert.match(await collectorKeysFingerprint(p, named), /^([0-9a-f]{4} ){7}[0-9a-f]{4}$/)
})

test('no change of them survives, and nobody else vouches', async () => {
  const stranger = await testKey(p, 'another collector')
  const other = await writeCollectorKeys({ ...next, spkiPin: new Uint8Array(32).fill(7) }, fleet.collector)
  const line = (name: string, of: string) => new RegExp(`^${name}: .*$`, 'm').exec(of)?.[0] ?? ''
  const swapped = (name: string) => text.replace(line(name, text), line(name, other))
  for (const forged of [
    ...['', 'x'.repeat(20_000), text.split('\n').slice(0, 3).join('\n')],
    ...['pin', 'signature', 'vouched'].map(swapped),
    text.replace(/^key: ../m, 'key: zz'),
    text.replace(/^vouched: .*$/m, 'vouched: ???'),
    await writeCollectorKeys(next, stranger),
    // Taken from what another signed: he does not hold the key that comes.
    text.replace(line('signature', text), line('vouched', text).replace('vouched', 'signature')),
  ])
    await assert.rejects(readCollectorKeys(p, forged, collectors), bad)
})
