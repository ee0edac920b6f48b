// Who may import whom. The trust boundary is visible in the import graph, and each forbidden arrow has its reason.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

interface Rule {
  readonly from: RegExp
  readonly not: RegExp
  readonly unless?: RegExp
  readonly reason: string
}

const top = join(import.meta.dirname, '..')
const tests = /\.test\.ts$|\/testing\/|\.conformance\.ts$/

const rules: readonly Rule[] = [
  {
    from: /^collector\/src\//,
    not: /^proto\/src\/content\//,
    reason: 'the collector holds no code that could open an object',
  },
  {
    from: /^collector\/src\//,
    not: /^agent\//,
    reason: 'the collector holds no code that could open an object',
  },
  {
    from: /^collector\/src\//,
    not: /^collector\/console\//,
    reason: 'the console holds keys, the collector none',
  },
  {
    from: /^collector\/console\//,
    not: /^collector\/src\//,
    reason: 'the console runs where the collector is not trusted',
  },
  {
    from: /^collector\/console\/web\//,
    not: /^(node:|agent\/|collector\/src\/)/,
    reason: 'the page runs in a browser that trusts neither the collector nor a machine of the fleet',
  },
  {
    from: /^(agent|proto|scripts|collector\/(src|console\/(?!web\/)))/,
    not: /^(react|react-dom|react-aria-components|@tanstack\/.*|wouter|uplot|lucide-react|pdfjs-dist)($|\/)/,
    reason: 'what draws pages stays in the page',
  },
  { from: /^agent\//, not: /^collector\//, reason: 'agent and collector meet in proto' },
  { from: /^proto\//, not: /^(agent|collector)\//, reason: 'proto is what the others agree on' },
  {
    from: /^proto\/src\//,
    not: /^node:/,
    unless: /^proto\/src\/node\.ts$/,
    reason: 'proto runs in a browser too; only node.ts may ask Node',
  },
  {
    from: /^proto\/src\/(object|trust|policy|wire|health|log|rest)\//,
    not: /^proto\/src\/content\//,
    reason: 'what the collector may import must not lead to what opens content',
  },
  {
    from: /./,
    not: /^proto\/src\/(node|web)\.ts$/,
    unless:
      /^(agent\/src\/agent\.ts|agent\/src\/threads\/(backup|restore)-worker\.ts|collector\/src\/(collector\.ts|commands\/)|collector\/console\/(program|surroundings)\.ts|collector\/console\/web\/keys\/(vault|opening)-worker\.ts|scripts\/)/,
    reason: 'composition roots choose the set of primitives',
  },
  {
    from: /./,
    not: /^proto\/src\/system-clock\.ts$/,
    unless:
      /^(agent\/src\/agent\.ts|collector\/src\/(collector\.ts|commands\/)|collector\/console\/(program|surroundings)\.ts|scripts\/)/,
    reason: 'composition roots choose the clock',
  },
  {
    from: /./,
    not: /^agent\/src\/(system\/(linux|macos|posix|windows)|link\/ws-transport|keys\/(file|memory|sealed|system)-keychain)/,
    unless:
      /^(agent\/src\/(agent\.ts|system\/)|collector\/console\/(program|surroundings|connecting)\.ts|scripts\/)/,
    reason: 'composition roots choose system calls, transport and keychain',
  },
  {
    from: /./,
    not: /^collector\/src\/(packs\/(filesystem|memory|faulty)|catalog\/sqlite)\.ts$/,
    unless: /^collector\/src\/(collector\.ts|commands\/|packs\/|catalog\/)|^scripts\//,
    reason: 'composition roots choose the store and the database',
  },
]

const sources = globSync('{agent,collector,proto,scripts}/**/*.{ts,tsx}', {
  cwd: top,
  exclude: ['**/node_modules/**', '**/*.d.ts', '**/dist/**'],
})

/** Imported modules as paths from the top, `node:…` or package names. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(top, file), 'utf8')
  const found = text.matchAll(
    /^\s*(?:import|export)\b(?:[^'"]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
  )
  return [...found].map(match => resolved(file, (match[1] ?? match[2]) as string))
}

function resolved(file: string, name: string): string {
  if (name.startsWith('.')) return relative(top, resolve(top, dirname(file), name))
  const own = /^@backstay\/(agent|collector|proto)\/(.+)$/.exec(name)
  return own === null ? name : `${own[1]}/src/${own[2]}.ts`
}

test('no room imports what it must not know', () => {
  const wrong: string[] = []
  for (const file of sources) {
    if (tests.test(file)) continue
    for (const name of importsOf(file)) {
      for (const rule of rules) {
        if (!rule.from.test(file) || !rule.not.test(name) || rule.unless?.test(file)) continue
        wrong.push(`${file} imports ${name}: ${rule.reason}`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})

test('a planted leak is found', () => {
  const [rule] = rules
  assert.ok(
    rule?.from.test('collector/src/ingest/ingest.ts') &&
      rule.not.test(resolved('collector/src/ingest/ingest.ts', '@backstay/proto/content/seal')),
  )
  assert.equal(resolved('agent/src/scan/walk.ts', '../system/system.ts'), 'agent/src/system/system.ts')
})

test('nothing in proto leads the collector to what opens content', () => {
  // Every module that the collector reaches, however many steps away.
  const reached = new Set<string>()
  const visit = (file: string) => {
    if (reached.has(file) || !sources.includes(file)) return
    reached.add(file)
    for (const name of importsOf(file)) visit(name)
  }
  for (const file of sources) if (/^collector\/src\//.test(file) && !tests.test(file)) visit(file)
  assert.ok(reached.size > 20, 'the graph was followed')
  assert.deepEqual(
    [...reached].filter(file => /^proto\/src\/content\//.test(file)),
    [],
  )
})
