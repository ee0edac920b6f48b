// Two owners: each has a key on paper of the own, and from then on nothing in Trust changes that only one of them signed.
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFleet, need } from './fleet.ts'
import { jsonOf, run } from './processes.ts'

interface Changed {
  readonly version: number
  readonly isProposed: boolean
}
interface Owners {
  readonly version: number
  readonly threshold: number
  readonly owners: readonly { readonly name: string; readonly signed?: boolean }[]
  readonly waiting?: { readonly differences: readonly string[] }
}

const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())
const home = fleet.path('home')
mkdirSync(home)
writeFileSync(join(home, 'thesis.txt'), 'all of it')
const laptop = await fleet.enroll('laptop')
await laptop.backup(home)
const kit = fleet.path('kit.html')
cpSync(fleet.path('admin/recovery-kit.html'), kit)
const bertas = ['--admin', fleet.path('berta'), '--passphrase-file', fleet.path('passphrase')]
const berta = (...words: readonly string[]) => run('admin', [...words, ...bertas])
const paper = fleet.path('berta/owner-key.html')
const own = async (...words: readonly string[]) =>
  jsonOf<Changed>(need(await fleet.admin(...words, '--kit', kit, '--yes', '--json')))
const confirm = async () =>
  jsonOf<Changed>(need(await berta('owners', 'confirm', '--kit', paper, '--yes', '--json')))
const owners = async () => jsonOf<Owners>(need(await fleet.admin('owners', '--json')))

test('an admin makes an owner key on her own machine, and becomes an owner by it', async () => {
  writeFileSync(fleet.path('asked'), need(await berta('admins', 'request', 'Berta')).out)
  const added = need(
    await fleet.admin('admins', 'add', fleet.path('asked'), '--role', 'audit', '--kit', kit, '--yes'),
  )
  writeFileSync(fleet.path('line'), added.out)
  need(await berta('admins', 'join', fleet.path('line')))
  const request = need(await berta('owners', 'request', 'Berta', '--unattended')).out
  const again = need(await berta('owners', 'request', 'Berta', '--unattended')).out
  assert.equal(again, request, 'it is the same key as long as its page lies there')
  writeFileSync(fleet.path('owner'), request)
  assert.deepEqual(await own('owners', 'add', fleet.path('owner')), { version: 3, isProposed: false })
  // It signs, and reads nothing.
  const reads = await run('admin', [
    'recover',
    '--packs',
    join(fleet.data, 'packs'),
    '--kit',
    paper,
    '--to',
    fleet.path('no'),
  ])
  assert.match(reads.err, /line 3 of the kit \(recovery key\) is missing/)
})

test('that two must sign is signed by two, and counts when the second has', async () => {
  assert.deepEqual(await own('owners', 'threshold', '2'), { version: 4, isProposed: true })
  const waiting = await owners()
  assert.deepEqual([waiting.version, waiting.threshold], [3, 1])
  assert.deepEqual(waiting.waiting?.differences, ['2 owner(s) must sign (until now: 1).'])
  assert.deepEqual(
    waiting.owners.map(({ signed }) => signed),
    [true, false],
  )
  const twice = await fleet.admin('owners', 'confirm', '--kit', kit, '--yes')
  assert.match(twice.err, /you have signed this already, and one owner counts once/)
  assert.deepEqual(await confirm(), { version: 4, isProposed: false })
  assert.match((await berta('owners', 'confirm', '--kit', paper, '--yes')).err, /no change of Trust waits/)
  assert.equal((await owners()).threshold, 2)
})

test('one alone changes nothing; what was proposed last is what the second signs', async () => {
  assert.equal((await own('admins', 'rotate')).isProposed, true)
  assert.equal(
    (await own('admins', 'roles', 'Berta', '--role', 'audit', '--role', 'enroll')).isProposed,
    true,
  )
  await laptop.backup(home)
  const { waiting } = await owners()
  assert.deepEqual(waiting?.differences, ['“Berta” may: enroll, audit (until now: audit).'])
  assert.equal((await confirm()).version, 5)
  assert.equal((await own('admins', 'rotate')).isProposed, true)
  assert.equal((await confirm()).version, 6)
  await laptop.backup(home)
  assert.match(need(await fleet.admin('prove')).out, /laptop: recoverable \(desk\)/)
})

test('the kit is replaced by two, and the one who replaced it goes on where it waited', async () => {
  const page = fleet.path('admin/new-recovery-kit.html')
  const replace = ['kit', 'replace', '--kit', kit, '--unattended', '--yes'] as const
  assert.match(
    need(await fleet.admin(...replace)).err,
    /version 7 of Trust waits until enough others sign it/,
  )
  assert.equal(existsSync(page), true)
  assert.match(need(await fleet.admin('kit')).out, /it was made when the fleet was founded/)
  assert.equal((await confirm()).version, 7)
  assert.match(need(await fleet.admin(...replace)).err, /the new kit counts from version 7 of Trust on/)
  await laptop.backup(home)
  assert.match(need(await fleet.admin('prove', '--kit', page)).out, /laptop: recoverable \(desk, kit\)/)
  assert.match(
    (await fleet.admin('owners', 'threshold', '1', '--kit', kit, '--yes')).err,
    /this kit was replaced/,
  )
  const words = ['owners', 'remove', 'Berta', '--kit', page, '--yes'] as const
  assert.match((await fleet.admin(...words)).err, /1 owner\(s\) would be left, and 2 must sign/)
})
