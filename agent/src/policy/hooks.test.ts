// Hooks, and test 42: what somebody who signs policies would like to have run.
import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { loadSystem } from '../system/load.ts'
import { hookMs, runHook } from './hooks.ts'

const isRoot = process.geteuid?.() === 0
// Below a folder that only root may change, as /etc is.
const top = isRoot ? mkdtempSync(join(homedir(), 'backstay-hooks-')) : ''
after(() => top === '' || rmSync(top, { recursive: true }))
const folder = join(top, 'hooks.d')
if (isRoot) mkdirSync(folder, { mode: 0o755 })
const clock = simulatedClock(0)
const signal = new AbortController().signal
const system = await loadSystem()
const given = { system, clock, folder, signal }

function hook(name: string, text: string, mode = 0o755): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
  chmodSync(join(folder, name), mode)
}

const before = async (name: string, options = given) =>
  (await runHook({ before: name, after: '' }, 'before', options)).map(one => one.message)

test("root's file runs, with nothing from outside", { skip: !isRoot }, async () => {
  process.env.PLANTED = 'secret'
  hook('dump', `echo "args: $#" > ${top}/said; pwd >> ${top}/said; env >> ${top}/said`)
  assert.deepEqual(await before('dump'), [])
  const said = readFileSync(join(top, 'said'), 'utf8')
  assert.match(said, /^args: 0\n\/\n/)
  assert.doesNotMatch(said, /PLANTED|HOME|BACKSTAY/)
  assert.deepEqual(await runHook({ before: 'dump', after: '' }, 'after', given), [])
  hook('fails', 'exit 3')
  assert.match((await before('fails')).join(), /"fails" before the backup ended with exit code 3/)
})

test('test 42: no command, no path, no file that others may change', { skip: !isRoot }, async () => {
  const pwned = join(top, 'pwned')
  const evil = `touch ${pwned}`
  hook('x', 'exit 0')
  writeFileSync(join(top, 'outside'), `#!/bin/sh\n${evil}\n`, { mode: 0o755 })
  for (const name of [
    'x; rm',
    '../outside',
    'x y',
    '/bin/sh',
    '..',
    'X',
    'x\0',
    '$(touch x)',
    'a'.repeat(65),
  ]) {
    assert.match((await before(name)).join(), /no name of a file/, name)
  }
  hook('world', evil, 0o777)
  hook('group', evil, 0o775)
  hook('plain', evil, 0o644)
  hook('theirs', evil)
  chownSync(join(folder, 'theirs'), 1000, 1000)
  symlinkSync(join(top, 'outside'), join(folder, 'link'))
  mkdirSync(join(folder, 'folder'))
  for (const name of ['world', 'group', 'theirs'])
    assert.match((await before(name)).join(), /others than root may change/)
  assert.match((await before('plain')).join(), /not executable/)
  for (const name of ['link', 'folder']) assert.match((await before(name)).join(), /is no file/)
  assert.match((await before('missing')).join(), /there is no/)
  // A folder that others may change: they could put another file in its place.
  const open = join(top, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  writeFileSync(join(open, 'x'), `#!/bin/sh\n${evil}\n`, { mode: 0o755 })
  assert.match((await before('x', { ...given, folder: open })).join(), /may change the folder/)
  assert.ok(!existsSync(pwned))
})

test('a hook that does not end is ended with all that it started', { skip: !isRoot }, async () => {
  const own = simulatedClock(0)
  const pids = join(top, 'pids')
  hook('hangs', `sleep 1000 & echo $! > ${pids}.part; mv ${pids}.part ${pids}; wait`)
  const running = before('hangs', { ...given, clock: own })
  while (!existsSync(pids)) await new Promise(resolve => setImmediate(resolve))
  await own.advance(hookMs)
  assert.match((await running).join(), /took longer than 10 minutes and was ended/)
  const pid = Number(readFileSync(pids, 'utf8'))
  while (isAlive(pid)) await new Promise(resolve => setImmediate(resolve))
  const stop = new AbortController()
  rmSync(pids)
  const stopped = before('hangs', { ...given, signal: stop.signal })
  while (!existsSync(pids)) await new Promise(resolve => setImmediate(resolve))
  stop.abort()
  assert.match((await stopped).join(), /because the agent ends/)
})

/** Also not as a zombie that nobody waits for. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
