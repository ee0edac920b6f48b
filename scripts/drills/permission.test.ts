// Files that the agent may not read: listed with a reason, never skipped in silence, and fine again when they may be read.
// The agent runs as an unprivileged user, since root is refused nothing.
import assert from 'node:assert/strict'
import {
  chmodSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFleet, need, type RestoreResult } from './fleet.ts'
import { jsonOf } from './processes.ts'

/** nobody */
const unprivileged = 65_534
const isRoot = process.geteuid?.() === 0

const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())
const laptop = await fleet.enroll('laptop', isRoot ? { user: unprivileged } : {})
const tree = fleet.path('home')
const secret = join(tree, 'folder/secret')
const closed = join(tree, 'closed')
for (const folder of ['folder', 'closed', 'open']) mkdirSync(join(tree, folder), { recursive: true })
for (const name of ['folder/secret', 'folder/plain', 'closed/inside', 'open/file']) {
  writeFileSync(join(tree, name), `content of ${name}`)
}
const out = fleet.path('out')
mkdirSync(out)
if (isRoot) {
  for (const path of ['', ...readdirSync(tree, { recursive: true, encoding: 'utf8' })]) {
    lchownSync(join(tree, path), unprivileged, unprivileged)
  }
  lchownSync(out, unprivileged, unprivileged)
}

interface Listed {
  readonly path: string
  readonly kind: string
  readonly unread?: { readonly reason: string; readonly detail: string }
}

async function listUnread(at: string): Promise<Listed[]> {
  const ran = need(await laptop.run('ls', '--unread', '--json', '--at', at))
  return ran.out.trim() === ''
    ? []
    : ran.out
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as Listed)
}

test('a file and a folder without permission: exit code 3, counted by reason, named by ls --unread', async () => {
  chmodSync(secret, 0)
  chmodSync(closed, 0)
  const ran = need(await laptop.run('backup', tree), 3)
  assert.match(ran.out, /^not read: 2 denied$/m)
  assert.match(ran.out, /^list them with: backstay-agent ls --unread --at "#1"$/m)
  const listed = await listUnread('#1')
  assert.deepEqual(
    listed.map(({ path, unread }) => [path, unread?.reason, unread?.detail]),
    [
      [closed, 'denied', 'EACCES'],
      [secret, 'denied', 'EACCES'],
    ],
  )
})

test('IT sees the same list without the device', async () => {
  const ran = need(await fleet.admin('ls', 'laptop', '--unread', '--json'))
  assert.deepEqual(
    ran.out
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as Listed).path),
    [closed, secret],
  )
})

test('a restore gives back everything else, lists the two, and ends with exit code 3', async () => {
  const ran = need(await laptop.run('restore', tree, '--to', join(out, 'first'), '--json'), 3)
  const { issues, counts } = jsonOf<RestoreResult>(ran)
  assert.equal(counts.unread, 2)
  assert.deepEqual(
    issues.filter(({ what }) => what === 'unread').map(({ path }) => path),
    ['closed', 'folder/secret'],
  )
  assert.equal(readFileSync(join(out, 'first/folder/plain'), 'utf8'), 'content of folder/plain')
  assert.equal(readFileSync(join(out, 'first/open/file'), 'utf8'), 'content of open/file')
})

test('when the permission is back, the next backup is clean and has everything', async () => {
  chmodSync(secret, 0o600)
  chmodSync(closed, 0o700)
  const result = await laptop.backup(tree)
  assert.deepEqual(result.unread, {})
  assert.deepEqual(await listUnread('#2'), [])
  need(await laptop.run('restore', tree, '--to', join(out, 'second')))
  assert.equal(readFileSync(join(out, 'second/closed/inside'), 'utf8'), 'content of closed/inside')
  assert.equal(readFileSync(join(out, 'second/folder/secret'), 'utf8'), 'content of folder/secret')
})

test('what was read once and is closed now keeps its last version, and says that it is one', async () => {
  chmodSync(secret, 0)
  chmodSync(closed, 0)
  const result = await laptop.backup(tree)
  assert.deepEqual(result.unread, { denied: 2 })
  const ran = need(await laptop.run('restore', tree, '--to', join(out, 'third'), '--json'), 3)
  const { issues } = jsonOf<RestoreResult>(ran)
  assert(issues.some(({ what, path }) => what === 'unread' && path === 'folder/secret'))
  chmodSync(join(out, 'third/folder/secret'), 0o600)
  assert.equal(readFileSync(join(out, 'third/folder/secret'), 'utf8'), 'content of folder/secret')
  rmSync(join(out, 'third'), { recursive: true })
  chmodSync(secret, 0o600)
  chmodSync(closed, 0o700)
})

test('a root of the policy that is gone keeps its last version, and is named', async () => {
  const other = fleet.path('other')
  mkdirSync(other)
  writeFileSync(join(other, 'file'), 'content')
  const server = await fleet.enroll('server', { roots: [tree, other] })
  assert.deepEqual((await server.backup()).unread, {})
  renameSync(other, fleet.path('unmounted'))
  const ran = need(await server.run('backup', '--json'), 3)
  const { unread } = jsonOf<{ unread: Record<string, number> }>(ran)
  assert.deepEqual(unread, { missing_root: 1 })
  need(await server.run('restore', other, '--to', join(out, 'other')), 0, 3)
  assert.equal(readFileSync(join(out, 'other/file'), 'utf8'), 'content')
})
