// The policy as an admin changes it: what will happen is said, then asked, then signed.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { concerning, standingHash, standingOf } from '@backstay/proto/policy/standing'
import { decodeCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { decodeStanding } from '@backstay/proto/trust/orders'
import { ConsoleStage } from './testing/stage.ts'

async function fleet(stage: ConsoleStage, ...names: readonly string[]): Promise<void> {
  await stage.init('--fleet', 'Example', '--root', '/home')
  for (const name of names) {
    const { out } = await stage.asAdmin('token', '--json')
    await stage.enroll((JSON.parse(out) as { token: string }).token, name)
  }
}

const good = async (ran: Promise<{ code: number; out: string; err: string }>) => {
  const { code, out, err } = await ran
  assert.equal(code, 0, err)
  return { out, err }
}

test('a change says whom it touches and how, and is signed only when somebody says yes', async () => {
  using stage = new ConsoleStage()
  await fleet(stage, 'ada', 'bob')
  const before = stage.collector.records.length
  const words = ['policy', 'edit', '--set', 'schedule=every 4h', '--lock', 'schedule'] as const
  const refused = await stage.asAdmin(...words)
  assert.equal(refused.code, 1)
  assert.match(refused.err, /2 device\(s\) change/)
  assert.match(refused.err, /ada, bob\n {4}schedule: not set → every 4h \(locked\)/)
  assert.match(refused.err, /add --yes/)
  assert.equal(stage.collector.records.length, before)

  const diff = await good(stage.asAdmin('policy', 'diff', ...words.slice(2)))
  assert.match(diff.out, /schedule: not set → every 4h/)
  assert.equal(stage.collector.records.length, before)
  await good(stage.asAdmin(...words, '--yes'))
  assert.equal(stage.collector.records.length, before + 1)
  assert.match((await good(stage.asAdmin(...words, '--yes'))).out, /nothing changes/)

  const resisted = await good(
    stage.asAdmin('policy', 'edit', '--device', 'ada', '--set', 'schedule=continuous', '--yes'),
  )
  assert.match(resisted.err, /no device of today changes/)
  assert.match(resisted.err, /schedule is locked by a layer before: it stays as it is on 1 device/)
  const shown = await good(stage.asAdmin('policy', 'show', 'ada'))
  assert.match(shown.out, /schedule +every 4h +fleet, locked, against device/)
  assert.match(shown.out, /has not said yet what it obeys/)
})

test('groups stand in one another, devices stand in them, and the sum follows', async () => {
  using stage = new ConsoleStage()
  await fleet(stage, 'ada', 'bob')
  await good(stage.asAdmin('policy', 'groups', 'add', 'Engineers'))
  await good(stage.asAdmin('policy', 'groups', 'add', 'Berlin', '--parent', 'Engineers'))
  await good(
    stage.asAdmin(
      'policy',
      'edit',
      '--group',
      'Engineers',
      '--set',
      'sets.code={roots: [/srv/code]}',
      '--yes',
    ),
  )
  const assigned = await good(stage.asAdmin('policy', 'assign', 'ada', '--group', 'Berlin', '--yes'))
  assert.match(assigned.err, /ada\n {4}sets.code: not set → \/srv\/code/)
  assert.match((await good(stage.asAdmin('policy', 'groups'))).out, /Berlin +Engineers +1 +nothing/)
  const [ada, bob] = await Promise.all(
    ['ada', 'bob'].map(name => good(stage.asAdmin('policy', 'show', name, '--json'))),
  )
  assert.match(ada?.out ?? '', /"sets.code"/)
  assert.doesNotMatch(bob?.out ?? '', /"sets.code"/)
  assert.match((await good(stage.asAdmin('policy', 'show', 'Berlin'))).out, /sets.code .*group "Engineers"/)

  const inItself = await stage.asAdmin('policy', 'groups', 'move', 'Engineers', '--parent', 'Berlin', '--yes')
  assert.match(inItself.err, /would stand in itself/)
  const unasked = await stage.asAdmin('policy', 'groups', 'move', 'Berlin', '--no-parent')
  assert.match(unasked.err, /nobody is here to confirm/)
  await good(stage.asAdmin('policy', 'groups', 'move', 'Berlin', '--no-parent', '--yes'))
  assert.match((await good(stage.asAdmin('policy', 'groups'))).out, /Berlin +- +1 +nothing/)
  await good(stage.asAdmin('policy', 'groups', 'move', 'Berlin', '--parent', 'Engineers', '--yes'))
  await good(stage.asAdmin('policy', 'groups', 'rename', 'Berlin', 'Potsdam'))
  await good(stage.asAdmin('policy', 'groups', 'retire', 'Engineers', '--yes'))
  assert.doesNotMatch((await good(stage.asAdmin('policy', 'show', 'ada', '--json'))).out, /"sets.code"/)
  await good(stage.asAdmin('policy', 'assign', 'ada', '--no-group', '--yes'))
  const history = JSON.parse((await good(stage.asAdmin('policy', 'history', '--json'))).out) as {
    what: string
  }[]
  assert.deepEqual(
    history.map(one => one.what).sort(),
    [
      'Engineers: sets.code = /srv/code',
      '1 device(s) into "Potsdam"',
      '1 device(s) into no group',
      'fleet: retention = everything 30d, 90 daily, 52 weekly, 36 monthly, 10 yearly; sets.files = /home',
      'group "Berlin"',
      'group "Berlin" in "Engineers"',
      'group "Berlin" in "Engineers"',
      'group "Engineers"',
      'group "Engineers" retired',
      'group "Potsdam" in "Engineers"',
    ].sort(),
  )
  for (const [words, message] of [
    [['assign', 'ada'], /which group/],
    [['assign', 'eve', '--group', 'Potsdam'], /no device "eve"/],
    [['show', 'eve'], /no device and no group "eve" is in this fleet/],
    [['groups', 'add', 'Potsdam'], /already/],
    [['edit', '--group', 'Nobody', '--set', 'battery=1'], /no group "Nobody"/],
    [['edit', '--group', 'Potsdam', '--device', 'ada', '--set', 'battery=1'], /exclude one another/],
    [['edit', '--set', 'battery=most', '--set', 'x=1'], /battery/],
    [['edit', '--unset', 'pause'], /does not set "pause"/],
    [['edit'], /nothing says what to change/],
  ] as const) {
    const ran = await stage.asAdmin(
      'policy',
      ...words,
      ...(words[0] === 'edit' || words[0] === 'assign' ? ['--yes'] : []),
    )
    assert.equal(ran.code, 1, words.join(' '))
    assert.match(ran.err, message)
  }
})

test('a file is a whole layer, and what is shown is such a file', async () => {
  using stage = new ConsoleStage()
  await fleet(stage, 'ada')
  const file = join(stage.folder, 'fleet.yaml')
  const { out } = await good(stage.asAdmin('policy', 'show'))
  writeFileSync(file, `${out}\npause: 2h\nobjective: { at-risk: 12h, unprotected: 24h }\n`)
  const edited = await good(stage.asAdmin('policy', 'edit', '--file', file, '--yes'))
  assert.match(edited.err, /pause: not set → 2h/)
  writeFileSync(file, 'pause: 9w\nsets: 3\n')
  const bad = await stage.asAdmin('policy', 'edit', '--file', file, '--yes')
  assert.equal(bad.code, 1)
  assert.match(bad.err, /2 mistakes; nothing was signed\n {2}line 1: .*\n {2}line 2: /)
})

test('to keep snapshots for a shorter time, the name is typed twice on a terminal', async () => {
  using stage = new ConsoleStage()
  await fleet(stage, 'ada')
  const words = ['policy', 'edit', '--set', 'retention={within: 31d}', '--yes'] as const
  const alone = await stage.asAdmin(...words)
  assert.match(alone.err, /confirmed on a terminal/)
  assert.match(alone.err, /takes effect a week after/)
  stage.interactive = true
  const typed: string[] = []
  stage.answer = question => {
    typed.push(question)
    return typed.length === 2 ? 'flet' : 'fleet'
  }
  const before = stage.collector.records.length
  assert.match((await stage.asAdmin(...words)).err, /that is another name/)
  assert.equal(stage.collector.records.length, before)
  stage.answer = () => 'fleet'
  await good(stage.asAdmin(...words))
  assert.equal(stage.collector.records.length, before + 1)
})

test('an admin sees whether a device obeys, and what it refused', async () => {
  using stage = new ConsoleStage()
  await fleet(stage, 'ada')
  const [row] = stage.collector.rows
  assert.ok(row)
  const { device, grantId } = decodeCertificate(decodeEnvelope(row.certificate).payload)
  const orders = stage.collector.records
    .map(one => one.envelope)
    .filter(envelope => ['policy', 'group', 'assignment'].includes(kindOf(decodeEnvelope(envelope))))
    .map(decodeStanding)
  const standing = await standingHash(p, concerning(standingOf(orders), { device, grantId }))
  const say = (said: Uint8Array, refused: { id: undefined; code: string }[] = []) => {
    stage.collector.rows[0] = { ...row, obeyed: { standing: said, refused, atMs: 1 } }
  }
  say(standing)
  assert.match((await good(stage.asAdmin('policy', 'show', 'ada'))).out, /the device obeys this/)
  say(new Uint8Array(32), [{ id: undefined, code: 'old_order' }])
  const differs = await good(stage.asAdmin('policy', 'show', 'ada'))
  assert.match(differs.out, /does not obey this yet/)
  assert.match(differs.err, /refused an order: old_order/)
})
