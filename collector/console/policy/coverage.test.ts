// What a policy protects is told from afar exactly as the agent's walk does it.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { rootTree } from '@backstay/agent/scan/roots'
import { walk } from '@backstay/agent/scan/walk'
import { loadSystem } from '@backstay/agent/system/load'
import { temporaryFolder } from '@backstay/agent/system/testing/temporary-folder'
import { utf8 } from '@backstay/proto/bytes'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { pathOf } from '@backstay/proto/content/map/key'
import { excludesOf } from '@backstay/proto/policy/excludes'
import { seededRandom } from '../../../scripts/testing/random.ts'
import { coverageOf } from './coverage.ts'

const paths = (text: string) => componentsOf(utf8(text))
const root = (path: string, ...excludes: string[]) => ({ path: utf8(path), excludes })

test('a root, what it excludes, and roots within one another', () => {
  const { covers } = coverageOf([
    root('/home', 'node_modules/', '*.iso', '/ada/tmp/', '!keep.iso'),
    root('/home/ada/tmp'),
    root('/srv/one'),
  ])
  for (const [path, isFolder, expected] of [
    ['/home/ada/notes', false, true],
    ['/home/ada/node_modules', true, false],
    ['/home/ada/node_modules', false, true],
    ['/home/ada/node_modules/keep.iso', false, false],
    ['/home/ada/x.iso', false, false],
    ['/home/ada/keep.iso', false, true],
    ['/home/ada/tmp/x', false, false],
    ['/home/bob/tmp/x', false, true],
    ['/srv/one', false, true],
    ['/srv/two', false, false],
    ['/srv', true, false],
    ['/etc/passwd', false, false],
  ] as const)
    assert.equal(covers(paths(path), isFolder), expected, path)
})

test('of what is outside, the outermost folder is named', () => {
  const { outsideAt } = coverageOf([root('/home', 'node_modules/')])
  assert.equal(outsideAt(paths('/home/ada/p/node_modules/a/b')), paths('/home/ada/p/node_modules').length)
  assert.equal(outsideAt(paths('/home/ada/p')), undefined)
  assert.equal(outsideAt(paths('/srv/a/b')), paths('/srv').length)
})

test('on random trees and patterns it says what the walk finds', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e6)
  const random = seededRandom(seed)
  const names = ['a', 'b', 'build', 'x.tmp', 'cache', 'é', '.hidden', 'keep.tmp']
  const patterns = ['*.tmp', 'build/', '/a/b', '**/cache', '!keep.tmp', 'a/*', '.*', '/build', 'é/', 'b']
  const system = await loadSystem()
  for (let round = 0; round < 12; round++) {
    using at = await temporaryFolder()
    const all = new Map<string, boolean>()
    const make = (folder: string, depth: number) => {
      for (const name of new Set(Array.from({ length: 3 }, () => random.pick(names)))) {
        const path = join(folder, name)
        const isFolder = depth < 4 && random.below(5) < 3
        if (isFolder) mkdirSync(path)
        else writeFileSync(path, '')
        all.set(path, isFolder)
        if (isFolder) make(path, depth + 1)
      }
    }
    make(at.path, 0)
    const excludes = Array.from({ length: 3 }, () => random.pick(patterns))
    const folders = [...all].filter(one => one[1]).map(one => one[0])
    const roots = [at.path, ...(folders.length > 0 ? [random.pick(folders)] : [])]
      .slice(random.below(2) === 0 ? 0 : 1)
      .map((path, index) => root(path, ...(index === 0 ? excludes : [random.pick(patterns)])))
    const tree = rootTree(roots.map(one => ({ ...one, excludes: excludesOf(one.excludes) })))
    const found = new Set<string>()
    for (const step of walk({ system, roots: tree })) {
      if (step.kind === 'found') {
        const [volume, ...rest] = pathOf(step.key).map(one => Buffer.from(one).toString())
        found.add(`${volume}${rest.join('/')}`)
      } else if (step.kind === 'left') system.close(step.handle)
    }
    const { covers } = coverageOf(roots)
    for (const [path, isFolder] of all) {
      const isWay = roots.some(one => `${Buffer.from(one.path)}`.startsWith(`${path}/`))
      if (isWay && !covers(paths(path), isFolder)) continue
      const told = `seed ${seed}, round ${round}: ${path} with ${JSON.stringify(excludes)}`
      assert.equal(covers(paths(path), isFolder), found.has(path), told)
    }
  }
})
