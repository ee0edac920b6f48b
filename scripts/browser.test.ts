// The formats in a real browser: the bundle holds nothing of Node, and every known answer holds under the strict policy.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import type { BrowserResult } from './browser/page.ts'
import { type Served, servePage } from './browser/serve-page.ts'

const executablePath = '/usr/bin/chromium'
const vectorFolder = join(import.meta.dirname, '../proto/vectors')
const html = '<!doctype html><link rel="icon" href="data:,"><script src="/page.js"></script>'
// It speaks to nobody but the loopback page. Without a sandbox, because tests run as root in containers.
const browserWords = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

async function bundle() {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(import.meta.dirname, 'browser/page.ts')],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2023',
    logLevel: 'silent',
  })
  return { script: outputFiles[0]?.text ?? '', inputs: Object.entries(metafile.inputs) }
}

test('what opens content is bundled for a browser without anything of Node', async () => {
  const { script, inputs } = await bundle()
  const imports = inputs.flatMap(([, { imports }]) => imports.map(one => one.path))
  assert.deepEqual(
    imports.filter(path => /^node:/.test(path) || path.includes('browser-external')),
    [],
  )
  assert.deepEqual(
    inputs.map(([path]) => path).filter(path => /proto\/src\/node\.ts$/.test(path)),
    [],
  )
  assert.equal(/["']node:/.test(script), false)
  // The policy of the page forbids what makes code from text.
  assert.equal(/\beval\(|new Function\(|WebAssembly\.instantiate/.test(script), false)
})

test('every known answer holds in Chromium, under a policy that allows one script', async context => {
  if (!found(context)) return
  const names = readdirSync(vectorFolder)
    .map(file => file.replace(/\.json$/, ''))
    .filter(name => 'cases' in JSON.parse(vectorText(name)))
  const files = new Map<string, Served>([
    ['/', { type: 'html', body: html }],
    ['/page.js', { type: 'js', body: (await bundle()).script }],
    ['/vectors', { type: 'json', body: JSON.stringify(names) }],
    ...names.map((name): [string, Served] => [
      `/vectors/${name}.json`,
      { type: 'json', body: vectorText(name) },
    ]),
  ])
  await using server = await servePage(files)
  await using browser = await chromium.launch({ executablePath, headless: true, args: browserWords })
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(server.url)
  const result: BrowserResult = await page.evaluate(() => globalThis.knownAnswers)
  assert.deepEqual(result.failures, [])
  assert.ok(result.cases >= 440, `${result.cases} cases`)
  assert.deepEqual(complaints, [])
  console.log(`${result.cases} known answers hold in Chromium ${browser.version()}`)
})

function found(context: TestContext): boolean {
  if (existsSync(executablePath)) return true
  const said = `the browser part was not run: there is no ${executablePath} (apt-get install chromium)`
  if (process.env.CI === 'true') assert.fail(said)
  console.log(said)
  context.skip(said)
  return false
}

function vectorText(name: string): string {
  return readFileSync(join(vectorFolder, `${name}.json`), 'utf8')
}
