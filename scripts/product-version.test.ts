// Agent, collector and the admin's programs are released together: one number, wherever it stands.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { productVersion } from '@backstay/proto/product-version'

const top = join(import.meta.dirname, '..')
const read = (file: string) => JSON.parse(readFileSync(join(top, file), 'utf8')) as Manifest

interface Manifest {
  readonly version?: string
  readonly workspaces?: readonly string[]
}

test('every workspace has the version that the programs say', () => {
  const { workspaces = [] } = read('package.json')
  assert.ok(workspaces.length >= 3)
  const found = workspaces.flatMap(pattern => globSync(`${pattern}/package.json`, { cwd: top }))
  assert.deepEqual(
    found.map(file => [file, read(file).version]),
    found.map(file => [file, productVersion]),
  )
})

test('and so has the lock file', () => {
  const { packages } = read('package-lock.json') as { readonly packages: Record<string, Manifest> }
  const own = Object.entries(packages).filter(([name]) => /^(agent|collector|proto)$/.test(name))
  assert.equal(own.length, 3)
  for (const [name, { version }] of own) assert.equal(version, productVersion, name)
})
