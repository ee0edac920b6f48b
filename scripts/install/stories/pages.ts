// The pages are inside the executables: a browser gets them from the collector and from `backstay console`, with no file of
// ours anywhere else, and the bill of materials of both names what the pages are made of.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get as plainGet } from 'node:http'
import { get as secureGet } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { first, needPackages } from '../packages.ts'
import { ended, startCollector, started } from '../started.ts'
import { story } from '../story.ts'

const folderOf = (name: string) => join(first.built, 'linux-x64', name)
const built = (name: string) => join(folderOf(name), name)

story('the pages are inside the executables', [], async t => {
  needPackages()
  const work = mkdtempSync(join(tmpdir(), 'backstay-pages-'))
  t.after(() => rmSync(work, { recursive: true, force: true }))
  const at = (name: string) => join(work, name)
  writeFileSync(at('passphrase'), 'a passphrase of this story\n', { mode: 0o600 })
  const { collector, setup, urls } = await startCollector(built('backstay-collector'), at('collector'))
  t.after(() => ended(collector))

  await t.test('of the collector', async () => {
    await requirePages(`${urls[0]?.replace('wss:', 'https:')}/`)
  })

  await t.test('of backstay console', async () => {
    const words = ['init', '--setup', setup, '--unattended', '--admin', at('admin')]
    const done = spawnSync(built('backstay'), [...words, '--passphrase-file', at('passphrase')], {
      encoding: 'utf8',
    })
    assert.equal(done.status, 0, done.stderr)
    const { process, said } = await started(
      built('backstay'),
      ['console', '--json', '--admin', at('admin')],
      'url',
    )
    try {
      await requirePages(String(said.url))
    } finally {
      await ended(process)
    }
  })

  await t.test('and the bills of materials name what they are made of', () => {
    for (const name of ['backstay-collector', 'backstay']) {
      const { components } = JSON.parse(readFileSync(join(folderOf(name), 'sbom.cdx.json'), 'utf8')) as {
        readonly components: readonly { readonly name: string; readonly version: string }[]
      }
      const notices = readFileSync(join(folderOf(name), 'THIRD-PARTY-NOTICES.txt'), 'utf8')
      for (const part of ['react', 'react-dom', 'react-aria-components', 'wouter', 'uplot']) {
        const found = components.find(one => one.name === part)
        assert.ok(found !== undefined, `${part} in ${name}`)
        assert.ok(notices.includes(`\n${part} ${found.version} (`), `${part} in the notices of ${name}`)
      }
    }
  })
})

/** The page, and all that it names itself. */
async function requirePages(url: string): Promise<void> {
  const page = await fetched(url)
  assert.match(page, /<title>[^<]*Backstay/)
  const named = [...page.matchAll(/(?:src|href)="(?<path>[^":]+)"/g)].map(({ groups }) => groups?.path ?? '')
  assert.ok(named.some(path => path.endsWith('.js')) && named.some(path => path.endsWith('.css')))
  for (const path of named) assert.ok((await fetched(new URL(path, url).href)).length > 0, path)
}

function fetched(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? secureGet : plainGet
    // Its certificate is its own; who it is, is not asked here.
    get(url, { rejectUnauthorized: false }, response => {
      if (response.statusCode === 200) text(response).then(resolve, reject)
      else reject(new Error(`${url}: ${response.statusCode}`))
    }).on('error', reject)
  })
}
