// What is served as the console: small, hashed, nothing inline, and the same in a real browser under the real policy.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { buildConsole, type Chunk } from './build-console.ts'

/** What a person waits for before any page but Restore. */
const scriptBytesMax = 350 * 1024
let folder: string
let chunks: readonly Chunk[]

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backstay-console-'))
  chunks = await buildConsole(folder)
})
after(() => rmSync(folder, { recursive: true, force: true }))

test('every file but the page itself is named by its content', () => {
  assert.deepEqual(readdirSync(folder).sort(), ['assets', 'index.html'])
  for (const name of readdirSync(join(folder, 'assets'))) assert.match(name, /-[\w-]{8}\.(js|css|svg)$/)
})

test('nothing is inline and nothing comes from outside', () => {
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/)
  for (const [, address = ''] of html.matchAll(/(?:src|href)="([^"]*)"/g)) {
    assert.match(address, /^(\/assets\/|data:,$)/)
  }
  for (const css of filesOf('.css')) {
    assert.doesNotMatch(css.text, /@import|url\((?!["']?\/assets\/)/, css.name)
  }
})

test('no script makes code from text', () => {
  for (const { name, text } of filesOf('.js')) {
    assert.doesNotMatch(text, /\beval\(|new Function\(|WebAssembly\.instantiate/, name)
    assert.doesNotMatch(text, /["']node:/, name)
  }
})

test('all pages but Restore are at most 350 KiB of script, compressed', () => {
  const reached = reachedWithout(/restore-page/)
  const sizes = reached.map(({ fileName, code }) => ({ fileName, bytes: gzipSync(code).length }))
  const sum = sizes.reduce((all, { bytes }) => all + bytes, 0)
  assert.ok(sum > 50_000, 'the app was built')
  assert.ok(sum <= scriptBytesMax, `${sum} bytes: ${JSON.stringify(sizes)}`)
  console.log(`${(sum / 1024).toFixed(1)} KiB of script in ${sizes.length} files`)
})

/** What can be loaded from the page on without going by a file of that name. */
function reachedWithout(barred: RegExp): Chunk[] {
  const reached = new Map<string, Chunk>()
  const visit = (name: string) => {
    const chunk = chunks.find(({ fileName }) => fileName === name)
    if (chunk === undefined || reached.has(name) || barred.test(name)) return
    reached.set(name, chunk)
    for (const next of [...chunk.imports, ...chunk.dynamicImports]) visit(next)
  }
  for (const { fileName, isEntry } of chunks) if (isEntry) visit(fileName)
  return [...reached.values()]
}

function filesOf(end: string): { readonly name: string; readonly text: string }[] {
  return readdirSync(join(folder, 'assets'))
    .filter(name => name.endsWith(end))
    .map(name => ({ name, text: readFileSync(join(folder, 'assets', name), 'utf8') }))
}
