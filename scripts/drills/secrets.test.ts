// The whole story with debug logs, and then a search: planted names, contents and the passphrase, and every secret key, in
// all that the programs said and left behind. None may be found where it does not belong. docs/threat-model.md
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { after, test } from 'node:test'
import { makeFleet, need } from './fleet.ts'
import { type Ran, run } from './processes.ts'

const marker = {
  file: 'marker-name-of-a-file',
  folder: 'marker-name-of-a-folder',
  content: 'marker-content-of-a-file',
}

const fleet = await makeFleet({ logLevel: 'debug' })
after(() => fleet[Symbol.asyncDispose]())

const home = fleet.path('home')
const folder = join(home, marker.folder)
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, marker.file), marker.content)
writeFileSync(join(folder, `${marker.file}.large`), `${marker.content}\n`.repeat(100_000))
writeFileSync(join(folder, `${marker.file}.closed`), marker.content, { mode: 0 })

/** What was said, by which command. */
const said: { readonly what: string; readonly text: string }[] = []
function hear(what: string, { code, out, err }: Ran): Ran {
  said.push({ what: `${what} (exit code ${code})`, text: `${out}${err}` })
  return { code, out, err }
}

const setup = fleet.collector.setup ?? ''
const token = await fleet.token()
const enrolled = hear(
  'enroll',
  await run(
    'agent',
    ['enroll', token, '--name', 'laptop', '--state', fleet.path('laptop'), '--json'],
    debugging(),
  ),
)
need(enrolled)

test('a story of backups, mistakes, restores, proofs and repairs is told', async () => {
  const state = ['--state', fleet.path('laptop')]
  const agent = async (...words: string[]) =>
    hear(`agent ${words[0]}`, await run('agent', [...words, ...state], debugging()))
  const admin = async (...words: string[]) =>
    hear(`admin ${words[0]}`, await run('admin', [...words, ...fleet.adminOptions], debugging()))
  need(await agent('backup', home), 0, 3)
  need(await agent('backup', home, '--json'), 0, 3)
  await fleet.collector.end('SIGKILL')
  await agent('backup', home)
  await fleet.startCollector()
  for (const words of [['snapshots'], ['verify'], ['status'], ['status', '--json']])
    need(await agent(...words))
  need(await agent('restore', home, '--to', fleet.path('out-1')), 0, 3)
  for (const words of [['devices'], ['snapshots', 'laptop'], ['prove'], ['prove', '--json']])
    need(await admin(...words))
  need(await admin('prove', '--kit', fleet.path('admin/recovery-kit.html')))
  need(await admin('restore', 'laptop', home, '--to', fleet.path('out-2')), 0, 3)
  // What goes wrong is where secrets slip out.
  await hear(
    'a wrong token',
    await run('agent', ['enroll', `${token.slice(0, -9)}`, '--state', fleet.path('x')], debugging()),
  )
  await hear('a used token', await run('agent', ['enroll', token, '--state', fleet.path('y')], debugging()))
  writeFileSync(fleet.path('wrong'), 'not the passphrase\n')
  const wrong = ['devices', '--admin', fleet.path('admin'), '--passphrase-file', fleet.path('wrong')]
  hear('a wrong passphrase', await run('admin', wrong, debugging()))
  await fleet.collector.end('SIGTERM')
  for (const command of ['scrub', 'rebuild'])
    need(hear(command, await run('collector', [command, '--data', fleet.data], debugging())))
  await fleet.startCollector()
  need(await agent('backup', home), 0, 3)
  await fleet.collector.end('SIGTERM')
  said.push(...fleet.logs.map((text, index) => ({ what: `log of collector ${index + 1}`, text })))
  assert(said.some(({ what, text }) => what.startsWith('log') && text.includes('session opened')))
})

test('no name, no content and no passphrase is where it does not belong', () => {
  const secrets = [marker.content, fleet.passphrase]
  const names = [marker.file, marker.folder]
  // Whoever runs a command on the device or restores is told names: those lines are for them.
  const forTheOwner = /^(agent|admin) (ls|restore|verify)/
  for (const { what, text } of said) {
    for (const secret of secrets) assert(!text.includes(secret), `"${secret}" in what ${what} said`)
    if (forTheOwner.test(what)) continue
    for (const name of names) assert(!text.includes(name), `"${name}" in what ${what} said`)
  }
  for (const { path, bytes } of filesBelow(fleet.data)) {
    for (const secret of [...secrets, ...names])
      assert(!bytes.includes(secret), `"${secret}" in ${path} of the collector`)
  }
  for (const { path, bytes } of filesBelow(fleet.path('laptop'))) {
    for (const secret of secrets) assert(!bytes.includes(secret), `"${secret}" in ${path} of the agent`)
  }
})

test('no secret key is anywhere but where keys are kept, in no spelling', () => {
  const keys = secretKeys()
  assert(keys.length >= 6, `${keys.length} keys were found to look for`)
  const places = [
    ...said.map(({ what, text }) => ({ path: what, bytes: Buffer.from(text) })),
    ...filesBelow(fleet.data).filter(({ path }) => !path.startsWith('identity/')),
    ...filesBelow(fleet.path('laptop')).filter(({ path }) => !path.startsWith('identity/')),
    ...['fleet.json', 'admin.key.age'].map(name => ({
      path: name,
      bytes: readFileSync(fleet.path('admin', name)),
    })),
  ]
  for (const { name, spellings } of keys) {
    for (const { path, bytes } of places) {
      for (const spelling of spellings) assert(!bytes.includes(spelling), `${name} is in ${path}`)
    }
  }
})

test('the search finds what is there', () => {
  const key = secretKeys().find(({ name }) => name.startsWith('device.secret'))
  const bytes = readFileSync(fleet.path('laptop/identity/device.secret'))
  assert(key?.spellings.some(spelling => bytes.includes(spelling)))
  assert(filesBelow(home).some(({ bytes }) => bytes.includes(marker.content)))
  rmSync(home, { recursive: true })
})

interface Key {
  readonly name: string
  /** Raw, in hex, and in both base64s. */
  readonly spellings: readonly Buffer[]
}

/** Of the device, of the collector, of the kit, of the token and of the set-up string. */
function secretKeys(): Key[] {
  const keys: Key[] = []
  const add = (name: string, raw: Buffer) => {
    const texts = [raw.toString('hex'), raw.toString('base64'), raw.toString('base64url')]
    keys.push({ name, spellings: [raw, ...texts.map(text => Buffer.from(text.replace(/=+$/, '')))] })
  }
  for (const file of ['device.secret', 'epoch-1.secret']) {
    const text = readFileSync(fleet.path('laptop/identity', file), 'utf8')
    for (const [word] of text.matchAll(/(?<=")[A-Za-z0-9_+/-]{43}(?=")/g))
      add(`${file}: ${word.slice(0, 4)}…`, Buffer.from(word, 'base64url'))
    for (const [word] of text.matchAll(/AGE-SECRET-KEY-PQ-1[A-Z0-9]+/g))
      keys.push({ name: file, spellings: [Buffer.from(word)] })
  }
  const own = readFileSync(join(fleet.data, 'identity/collector-keys.json'), 'utf8')
  add('seed of the collector', Buffer.from(/"seed": "([0-9a-f]{64})"/.exec(own)?.[1] ?? '', 'hex'))
  const [, tls = ''] = /PRIVATE KEY-----\\n[^\\]+\\n([^\\]{40,})/.exec(own) ?? []
  keys.push({ name: 'TLS key of the collector', spellings: [Buffer.from(tls)] })
  const kit = readFileSync(fleet.path('admin/recovery-kit.html'), 'utf8').replaceAll(/<[^>]*>|\s/g, '')
  for (const [line] of kit.matchAll(/(BACKSTAY-OWNER-KEY-1|AGE-SECRET-KEY-PQ-1)[A-Z0-9]{58}/g)) {
    keys.push({ name: 'kit', spellings: [Buffer.from(line), Buffer.from(line.toLowerCase())] })
  }
  // Each ends with its secret.
  keys.push({ name: 'token', spellings: [Buffer.from(token), Buffer.from(token.slice(-40))] })
  keys.push({ name: 'set-up string', spellings: [Buffer.from(setup.slice(-22))] })
  // An empty one would be found everywhere.
  for (const { name, spellings } of keys) {
    for (const spelling of spellings) assert(spelling.length >= 20, `${name} was not read`)
  }
  return keys
}

function filesBelow(top: string): { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .map(path => ({ path: relative(top, path), bytes: readFileSync(path) }))
}

/** A function, so that it stands above its first use. */
function debugging() {
  return { environment: { BACKSTAY_DEBUG: '1' } }
}
