import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { loadSystem } from '../system/load.ts'
import { openWatcher } from './open-watcher.ts'
import { covers, type Open, watcherConformance, withWatcher } from './testing/watcher-conformance.ts'

const system = await loadSystem()
const notices = () => assert.fail('trees are watched whole')
const open: Open = (roots, clock, skip) =>
  openWatcher(roots, { system, clock, notices, hasTreeNotices: true, state: utf8(skip) })

describe('tree watcher', () => {
  watcherConformance(open)

  it('hints at nothing that is excluded, nor at the state of the agent', () =>
    withWatcher(
      open,
      async ({ watcher, root, until }) => {
        const seen: string[] = []
        mkdirSync(join(root, 'state'))
        mkdirSync(join(root, 'there/build'))
        await until(hints => covers(hints, join(root, 'there')))
        writeFileSync(join(root, 'state/memory'), 'x')
        writeFileSync(join(root, 'there/build/object'), 'x')
        writeFileSync(join(root, 'there/last'), 'x')
        await until(hints => {
          seen.push(...hints.folders.map(folder => Buffer.from(folder).toString()))
          return covers(hints, join(root, 'there'))
        })
        assert.ok(!seen.some(folder => /state|build/.test(folder)), seen.join())
        assert.equal(watcher.health().roots[0]?.state, 'watched')
      },
      ['build/'],
    ))
})
