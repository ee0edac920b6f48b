// Comments name sections of the specifications; each of those sections is there.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const top = join(import.meta.dirname, '..')

test('every section of docs/format.md that a comment names is in it', () => {
  const text = readFileSync(join(top, 'docs/format.md'), 'utf8')
  const sections = new Set([...text.matchAll(/^#{2,3} ([\d.]+) /gm)].map(match => match[1]))
  const wrong: string[] = []
  let named = 0
  const files = globSync('{agent,collector,proto,scripts,installers}/**/*.{ts,tsx,proto,mjs}', {
    cwd: top,
    exclude: ['**/node_modules/**', '**/*.pb.*'],
  })
  for (const file of files) {
    const source = readFileSync(join(top, file), 'utf8')
    for (const [reference] of source.matchAll(/format\.md §[\d.]*\d(?:(?:,| and) §[\d.]*\d)*/g)) {
      for (const [, section] of reference.matchAll(/§([\d.]*\d)/g)) {
        named++
        if (!sections.has(section)) wrong.push(`${file}: ${reference}`)
      }
    }
  }
  assert.ok(named > 20, `${named} references found`)
  assert.deepEqual(wrong, [])
})

test('every known answer that docs/format.md names is there', () => {
  const text = readFileSync(join(top, 'docs/format.md'), 'utf8')
  const there = new Set(globSync('*.json', { cwd: join(top, 'proto/vectors') }))
  const named = [...text.matchAll(/`([a-z-]+\.json)`/g)].map(match => match[1] as string)
  assert.deepEqual(
    named.filter(name => !there.has(name)),
    [],
  )
  // Samples and identities are what other files are made from.
  const unnamed = [...there].filter(name => !named.includes(name))
  assert.deepEqual(unnamed.sort(), ['age-samples.json', 'identities.json'])
})
