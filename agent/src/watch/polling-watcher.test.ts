import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { loadSystem } from '../system/load.ts'
import { hintBox } from './hint-box.ts'
import { pollingWatcher } from './polling-watcher.ts'
import { names, type Open, watcherConformance, withWatcher } from './testing/watcher-conformance.ts'

const system = await loadSystem()

const open: Open = (roots, clock, skip) => {
  const box = hintBox()
  const part = pollingWatcher(roots, box, { system, clock, skip, pollMs: 10 })
  return { ...part, next: box.next }
}

describe('watching by polling', () => {
  watcherConformance(open)

  it('asks for a rescan now and then, because a change inside a file moves no folder', () =>
    withWatcher(open, async ({ root, until }) => {
      writeFileSync(join(root, 'there/file'), 'x')
      await until(hints => hints.missed === 'unseen')
    }))

  it('gives back a folder that is gone', () =>
    withWatcher(open, async ({ watcher, root, until }) => {
      assert.equal(watcher.health().roots[0]?.folders, 3)
      rmSync(join(root, 'there'), { recursive: true })
      await until(() => watcher.health().roots[0]?.folders === 1)
    }))

  it('polls no file and nothing that is excluded', () =>
    withWatcher(
      open,
      async ({ watcher, root, until }) => {
        mkdirSync(join(root, 'cache'))
        await until(hints => names(hints).length > 0)
        assert.equal(watcher.health().roots[0]?.folders, 3)
      },
      ['cache/'],
    ))
})
