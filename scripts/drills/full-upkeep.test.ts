// A collector's real disk is full when it is to collect, which is what makes room, and when it is to scrub. It works with what its
// reserve leaves; without a byte it works or says why not, loses nothing, and does it when there is a little space.
import assert from 'node:assert/strict'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { CollectionReport } from '@backstay/collector/upkeep/collection/collection'
import { need } from './fleet.ts'
import { makeOldVault, requireDone } from './old-vault.ts'
import { jsonOf, run } from './processes.ts'
import { mountSmallDisk } from './small-disk.ts'

const seed = Number(process.env.SEED ?? Date.now() & 0xffffff)
const mebibyte = 1024 * 1024
const top = mkdtempSync(join(tmpdir(), 'backstay-full-upkeep-'))
const at = (...names: readonly string[]) => join(top, ...names)
const data = at('disk', 'data')
const usual = 64
const disk = mountSmallDisk(at('disk'), usual)
const skip = disk === undefined ? 'NOT SHOWN HERE: mounting a small disk needs root' : false
after(() => {
  disk?.unmount()
  rmSync(at('old'), { recursive: true, force: true })
  rmdirSync(at('disk'))
  rmdirSync(top)
})

function fill(spareMebibytes: number): void {
  const { blocks, bfree, bsize } = statfsSync(at('disk'))
  disk?.resize(((blocks - bfree) * bsize) / mebibyte + spareMebibytes)
}

/** Runs it over a copy of the folder on a disk that has so much left. */
async function onFullDisk(spareMebibytes: number, words: readonly string[]) {
  disk?.resize(usual)
  rmSync(data, { recursive: true, force: true })
  cpSync(at('old'), data, { recursive: true })
  fill(spareMebibytes)
  const ran = await run('collector', [...words, '--json', '--data', data])
  disk?.resize(usual)
  return ran
}

const isSaid = /^error: .*(no room for more|catalog cannot be used now).*\nhint: .*disk/m

for (const [what, forgets] of [
  ['forget and condemn', true],
  ['give bytes free', false],
] as const) {
  test(`a full disk keeps nobody from collecting what makes room: ${what}`, { skip }, async t => {
    t.diagnostic(`SEED=${seed}`)
    const trees = await makeOldVault(at('old'), seed, forgets)
    for (const spare of [2, 0]) {
      const ran = await onFullDisk(spare, ['collect', '--all'])
      t.diagnostic(`${spare} MiB left: ${ran.code} ${ran.err}`)
      if (spare > 0 || ran.code === 0) {
        const { forgotten, freedBytes } = jsonOf<CollectionReport>(need(ran))
        assert.ok(forgets ? forgotten > 20 : freedBytes > mebibyte, ran.out)
      } else {
        assert.match(ran.err, isSaid)
        need(await run('collector', ['collect', '--all', '--data', data]))
      }
      await requireDone(data, trees)
    }
    if (forgets) rmSync(at('old'), { recursive: true })
  })
}

test('a full disk keeps nobody from finding what is damaged', { skip }, async t => {
  const packs = readdirSync(at('old', 'packs'), { recursive: true, encoding: 'utf8' })
  const file = at('old', 'packs', packs.find(name => name.endsWith('.segments')) ?? assert.fail())
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(file, bytes)
  for (const spare of [2, 0]) {
    let ran = await onFullDisk(spare, ['scrub'])
    t.diagnostic(`${spare} MiB left: ${ran.code} ${ran.err}`)
    if (spare === 0 && ran.out === '') {
      assert.match(ran.err, isSaid)
      ran = await run('collector', ['scrub', '--json', '--data', data])
    }
    assert.equal(jsonOf<{ findings: unknown[] }>(ran).findings.length, 1)
  }
})
