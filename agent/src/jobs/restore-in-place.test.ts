// Restored where it was: what is there is not overwritten, and what was exchanged leads nowhere.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { test } from 'node:test'
import { type Bytes, fromUtf8 } from '@backstay/proto/bytes'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { Handle, System } from '../system/system.ts'
import { ada, fleet, inPlace, isRoot, stage, treeOf } from './testing/restoring-device.ts'

test('in its place: what is gone comes back, what is there the same is left, what has changed gets another beside it', async () => {
  using device = await stage()
  const { home } = device
  const papers = join(home, 'papers')
  fs.writeFileSync(join(papers, 'thesis'), 'chapter two')
  fs.rmSync(join(papers, 'deep'), { recursive: true })
  fs.rmSync(join(papers, 'link'))
  const inode = fs.statSync(join(papers, 'tool')).ino
  const agent = device.start()
  const { said, found } = await agent.push(await inPlace(papers))
  assert.equal(said, 'done')
  assert.deepEqual(found?.aside, [{ path: 'papers/thesis', code: 'renamed', as: 'thesis (restored)' }])
  // The folder itself and `tool` were there; `deep`, `large`, `link` and the other thesis were written.
  assert.deepEqual([found?.there, found?.written], [2, 4])
  assert.deepEqual(fs.readdirSync(papers).sort(), ['deep', 'link', 'thesis', 'thesis (restored)', 'tool'])
  assert.equal(fs.readFileSync(join(papers, 'thesis'), 'utf8'), 'chapter two')
  assert.equal(fs.readFileSync(join(papers, 'thesis (restored)'), 'utf8'), 'chapter one')
  assert.equal(fs.statSync(join(papers, 'tool')).ino, inode)
  assert.deepEqual(
    new Set(
      ['deep', 'deep/large', 'link', 'thesis (restored)'].map(name => fs.lstatSync(join(papers, name)).uid),
    ),
    new Set([ada]),
  )
  assert.deepEqual(fs.readdirSync(home), ['papers'], 'no folder of parts stays')
  const before = treeOf(home)
  const again = await agent.push(await inPlace(papers))
  assert.deepEqual([again.said, again.found?.written], ['done', 0])
  fs.writeFileSync(join(papers, 'tool'), 'mine')
  const left = await agent.push(await inPlace(papers, 'leave'))
  assert.deepEqual(left.found?.aside?.at(-1), { path: 'papers/tool', code: 'taken' })
  fs.writeFileSync(join(papers, 'tool'), 'set id')
  assert.deepEqual(treeOf(home), before, 'nothing was written twice')
})

test('in its place: what the system refuses, because a program holds the name, is named, and the rest comes back', async () => {
  using device = await stage()
  const { home, parent } = device
  const papers = join(home, 'papers')
  for (const name of ['link', 'tool']) fs.rmSync(join(papers, name))
  const { system } = parent
  const holding: System = {
    ...system,
    tryRename: (fromAt, from, toAt, to) =>
      fromUtf8(to) === 'link' ? -constants.errno.EBUSY : system.tryRename(fromAt, from, toAt, to),
  }
  const agent = device.start(fleet.trust, Number.POSITIVE_INFINITY, testNowMs, holding)
  const { said, found } = await agent.push(await inPlace(papers))
  assert.equal(said, 'done')
  // Of root's agent, `deep` is root's: another gets beside it.
  assert.deepEqual(found?.aside?.at(-1), { path: 'papers/link', code: 'refused', why: 'EBUSY' })
  assert.equal(fs.readFileSync(join(papers, 'tool'), 'utf8'), 'set id')
  assert.deepEqual(fs.readdirSync(home), ['papers'], 'no part of it stays')
})

test('in its place: a lost root, a single file below folders that are gone, and what has another’s name', async () => {
  using device = await stage()
  const { home, disk } = device
  disk.roots = [join(home, 'papers')]
  fs.rmSync(join(home, 'papers'), { recursive: true })
  const agent = device.start()
  assert.equal((await agent.push(await inPlace(join(home, 'papers/deep/large')))).said, 'done')
  assert.deepEqual(
    treeOf(home).map(([name]) => name),
    ['papers', 'papers/deep', 'papers/deep/large'],
  )
  assert.equal(fs.statSync(join(home, 'papers')).uid, ada)
  fs.rmSync(join(home, 'papers'), { recursive: true })
  fs.mkdirSync(join(home, 'papers'))
  if (isRoot) fs.chownSync(join(home, 'papers'), ada, ada)
  fs.symlinkSync('/etc', join(home, 'papers/deep'))
  const { said, found } = await agent.push(await inPlace(join(home, 'papers')))
  assert.equal(said, 'done')
  assert.deepEqual(found?.aside, [{ path: 'deep', code: 'renamed', as: 'deep (restored)' }])
  assert.equal(fs.statSync(join(home, 'papers/deep (restored)/large')).size, 6 * 1024 * 1024)
  assert.equal(fs.readlinkSync(join(home, 'papers/deep')), '/etc')
})

test('in its place, cut off, it goes on there', async () => {
  using device = await stage()
  const papers = join(device.home, 'papers')
  fs.writeFileSync(join(papers, 'thesis'), 'chapter two')
  fs.rmSync(join(papers, 'deep'), { recursive: true })
  const agent = device.start(fleet.trust, 2)
  agent.put(await inPlace(papers))
  await agent.cutOff()
  assert.equal((await device.start().word()).said, 'done')
  assert.deepEqual(fs.readdirSync(papers).sort(), ['deep', 'link', 'thesis', 'thesis (restored)', 'tool'])
  assert.equal(fs.statSync(join(papers, 'deep/large')).size, 6 * 1024 * 1024)
  assert.deepEqual(fs.readdirSync(device.home), ['papers'])
})

test('test 41 in its place: outside of the roots, over a symlink, or in what is root’s: nothing is written', async () => {
  using device = await stage()
  const { home, disk, parent } = device
  const papers = join(home, 'papers')
  const outside = join(parent.path, 'outside')
  fs.mkdirSync(outside)
  if (isRoot) fs.chownSync(outside, ada, ada)
  const agent = device.start()
  const said = async (path: string) => (await agent.push(await inPlace(path))).said
  assert.equal(await said('/etc/cron.d'), 'failed not_in_snapshot')
  if (isRoot)
    assert.equal(await said(join(parent.path, 'srv')), 'failed not_in_place', 'of root, in nobody’s home')
  disk.roots = [join(home, 'papers/deep')]
  assert.equal(await said(papers), 'failed not_in_place', 'above what is backed up')
  disk.roots = [join(home, 'pap')]
  assert.equal(await said(papers), 'failed not_in_place', 'a name that only begins like it')
  disk.roots = [join(papers, 'thesis')]
  assert.equal(await said(join(papers, 'thesis')), 'failed not_in_place', 'a file that is a root')
  disk.roots = [papers]
  fs.renameSync(papers, `${papers} away`)
  fs.symlinkSync(outside, papers)
  assert.equal(await said(papers), 'failed bad_place')
  assert.equal(await said(join(papers, 'deep')), 'failed bad_place')
  fs.rmSync(papers)
  if (isRoot) {
    fs.mkdirSync(papers)
    assert.equal(await said(papers), 'failed bad_place', 'of root, in a home')
    fs.chownSync(papers, ada, ada)
    fs.mkdirSync(join(papers, 'deep'))
    assert.equal(await said(papers), 'done')
    assert.deepEqual(fs.readdirSync(join(papers, 'deep')), [], 'what is root’s below is not written into')
    assert.ok(fs.existsSync(join(papers, 'deep (restored)/large')))
    fs.chownSync(home, ada + 1, ada)
    assert.equal(await said(papers), 'failed bad_place', 'a home of somebody else')
  }
  assert.deepEqual(fs.readdirSync(outside), [])
})

test('in its place, a folder exchanged while it is written leads nowhere', async () => {
  using device = await stage()
  const { home, parent } = device
  const papers = join(home, 'papers')
  const outside = join(parent.path, 'outside')
  fs.mkdirSync(outside)
  fs.rmSync(join(papers, 'deep'), { recursive: true })
  let isSwapped = false
  const { system } = parent
  const quick = {
    ...system,
    tryRename(fromAt: Handle, from: Bytes, at: Handle, to: Bytes) {
      const result = system.tryRename(fromAt, from, at, to)
      if (result === 0 && fromUtf8(to) === 'deep') {
        isSwapped = true
        fs.renameSync(join(papers, 'deep'), join(papers, 'deep away'))
        fs.symlinkSync(outside, join(papers, 'deep'))
      }
      return result
    },
  }
  await device.start(fleet.trust, Number.POSITIVE_INFINITY, testNowMs, quick).push(await inPlace(papers))
  assert.ok(isSwapped)
  assert.deepEqual(fs.readdirSync(outside), [])
  assert.equal(fs.statSync(outside).uid, geteuid?.())
})
