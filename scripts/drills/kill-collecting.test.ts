// A real collector process is killed (SIGKILL) at random moments of a collection, which forgets and condemns, or rewrites, merges and
// deletes packs, and of a scrub. Whatever the moment, the next one opens, every snapshot that stays restores, and the work comes to its
// end. Effect by effect, and with power cuts, the same stands in collector/src/upkeep/collection/crash.test.ts and
// collector/src/upkeep/rotation/crash.test.ts. SEED=…, SLOW=1: 200 kills each.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { CollectionReport } from '@backstay/collector/upkeep/collection/collection'
import { seededRandom } from '../testing/random.ts'
import { runHere } from './here.ts'
import { makeOldVault, requireDone } from './old-vault.ts'
import { jsonOf, run, start } from './processes.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const kills = process.env.SLOW === '1' ? 200 : 4
const top = mkdtempSync(join(tmpdir(), 'backstay-kill-collecting-'))
after(() => rmSync(top, { recursive: true }))
const [good, data] = [join(top, 'good'), join(top, 'data')]
const words = ['collect', '--all', '--json', '--data', data]
const packs = () => readdirSync(join(data, 'packs'), { recursive: true, encoding: 'utf8' })

const walBytes = () => statSync(join(data, 'catalog.sqlite-wal'), { throwIfNoEntry: false })?.size

function renew(): void {
  rmSync(data, { recursive: true, force: true })
  cpSync(good, data, { recursive: true })
}

for (const [what, forgets] of [
  ['forgets and condemns', true],
  ['gives bytes free', false],
] as const) {
  test(`whenever a process that ${what} is killed, nothing that stays is lost and the next one ends its work`, async t => {
    t.diagnostic(`SEED=${seed}`)
    rmSync(good, { recursive: true, force: true })
    const trees = await makeOldVault(good, seed, forgets)
    const random = seededRandom(seed)
    renew()
    const whole = jsonOf<CollectionReport>(await run('collector', words))
    if (forgets) assert(whole.forgotten > 20 && whole.condemned > 60, JSON.stringify(whole))
    else assert(whole.deleted + whole.rewritten > 10 && whole.freedBytes > 1_000_000, JSON.stringify(whole))
    await requireDone(data, trees)
    let hits = 0
    for (let kill = 0; kill < kills; kill++) {
      renew()
      const process = start('collector', words)
      // From the first pack on that comes or goes; before that it only starts.
      const all = packs().length
      while (process.isAlive() && packs().length === all) await delay(1)
      await Promise.race([delay((whole.ms * random.below(1000)) / 1000), process.ended])
      const { code } = await process.end('SIGKILL')
      if (code === null) hits++
      const ran = await runHere('collector', words)
      assert.equal(ran.code, 0, ran.err)
      await requireDone(data, trees)
    }
    t.diagnostic(`${hits} of ${kills} kills fell while it worked`)
    assert(hits > 0)
  })
}

test('whenever a scrub is killed, the next one finds the same', async t => {
  renew()
  const segments = packs().filter(name => name.endsWith('.segments'))
  for (const name of [segments[0], segments.at(-1)]) {
    const file = join(data, 'packs', name ?? assert.fail())
    const bytes = readFileSync(file)
    const middle = bytes.length >> 1
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    writeFileSync(file, bytes)
  }
  const words = ['scrub', '--json', '--data', data]
  const copy = join(top, 'damaged')
  cpSync(data, copy, { recursive: true })
  const found = async () => {
    const ran = await runHere('collector', words)
    const { findings } = jsonOf<{ findings: readonly { id: string }[] }>(ran)
    return findings.map(({ id }) => id).toSorted()
  }
  const all = await found()
  assert.equal(all.length, 2)
  for (let kill = 0; kill < Math.min(kills / 2, 20); kill++) {
    rmSync(data, { recursive: true })
    cpSync(copy, data, { recursive: true })
    const wal = walBytes()
    const process = start('collector', [...words, '--rate', '4'])
    // It writes down what it has found as it goes.
    while (process.isAlive() && walBytes() === wal) await delay(1)
    await Promise.race([delay(kill * 100), process.ended])
    t.diagnostic(`killed ${(await process.end('SIGKILL')).code === null ? 'while it read' : 'too late'}`)
    assert.deepEqual(await found(), all)
  }
})
