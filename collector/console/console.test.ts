// The admin's side from founding to drill, against a collector that keeps whatever it is given.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fromUtf8, hex, utf8 } from '@backstay/proto/bytes'
import { openWith, openWithPassphrase, sealTo } from '@backstay/proto/content/age'
import { readKit } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { Policy } from '@backstay/proto/policy/policy'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { signEscrow, verifyEscrow } from '@backstay/proto/trust/escrow-record'
import { decodeKeyring, signKeyring } from '@backstay/proto/trust/keyring'
import { verifyGrant, verifyKeyring, verifyPolicy } from '@backstay/proto/trust/orders'
import { decodeProof } from '@backstay/proto/trust/proof'
import { testDevice, testFleet, testIdentity, testKey } from '@backstay/proto/trust/testing/fleet'
import { decodeToken, requireTokenTrust } from '@backstay/proto/trust/token'
import { signTrust } from '@backstay/proto/trust/trust'
import { openAdminKey } from './admin-key.ts'
import { ConsoleStage, passphrase } from './testing/stage.ts'

async function founded(): Promise<ConsoleStage> {
  const stage = new ConsoleStage()
  const ran = await stage.init('--root', '/home', '--fleet', 'Example & <Sons>')
  assert.equal(ran.code, 0, ran.err)
  return stage
}

async function tokenOf(stage: ConsoleStage, ...words: string[]): Promise<string> {
  const ran = await stage.asAdmin('token', ...words)
  assert.equal(ran.code, 0, ran.err)
  return ran.out
}

describe('backstay init', () => {
  it('founds a fleet and hands over public records only', async () => {
    using stage = await founded()
    const [founding] = stage.collector.founded
    assert.ok(founding)
    assert.deepEqual(
      founding.records.map(envelope => kindOf(decodeEnvelope(envelope))),
      ['trust', 'keyring', 'policy'],
    )
    const context = { trust: await stage.trust(), nowMs: stage.nowMs }
    const [, keyring, policy] = founding.records as [Uint8Array, Uint8Array, Uint8Array]
    assert.equal(
      (await verifyKeyring(p, keyring, context)).deskRecipient,
      context.trust.document.deskRecipient,
    )
    assert.deepEqual(rootsIn(await verifyPolicy(p, policy, context)), [utf8('/home')])
    const kit = readKit(readFileSync(stage.kitFile, 'utf8'), context.trust.fleet)
    const key = await openAdminKey('x', readFileSync(join(stage.admin, 'admin.key.age')), passphrase)
    const secrets = [hex(kit.ownerSeed), kit.identity, hex(key.seed), key.identity]
    const sent = founding.records.map(envelope => hex(envelope)).join('')
    for (const secret of secrets) assert.ok(!sent.includes(secret) && !sent.includes(hex(utf8(secret))))
    for (const name of ['fleet.json']) {
      const text = readFileSync(join(stage.admin, name), 'utf8')
      for (const secret of secrets) assert.ok(!text.includes(secret), name)
    }
    assert.deepEqual(readdirSync(stage.admin).toSorted(), [
      'admin.key.age',
      'fleet.json',
      'recovery-kit.html',
    ])
  })

  it('writes files for their owner only', { skip: process.platform === 'win32' }, async () => {
    using stage = await founded()
    assert.equal(statSync(stage.admin).mode & 0o777, 0o700)
    for (const name of readdirSync(stage.admin))
      assert.equal(statSync(join(stage.admin, name)).mode & 0o777, 0o600)
  })

  it('makes a page that can be printed, loads nothing and escapes every name', async () => {
    using stage = await founded()
    const page = readFileSync(stage.kitFile, 'utf8')
    assert.equal(page.match(/<svg /g)?.length, 3)
    assert.ok(page.includes('Example &#38; &#60;Sons&#62;') && !page.includes('<Sons>'))
    assert.ok(!/<script|<img|<link|https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(page))
    const words = page.match(/Check words: <b>([^<]*)<\/b>/)?.[1]?.split(' ') ?? []
    assert.equal(words.length, 4)
  })

  it('asks for a part of the printed kit, again when it is wrong, before it hands anything over', async () => {
    using stage = new ConsoleStage()
    const asked: string[] = []
    stage.answer = async question => {
      asked.push(question)
      assert.equal(stage.collector.founded.length, 0)
      return asked.length % 2 === 1 ? 'wrong' : stage.answerKit(question)
    }
    const ran = await stage.asAdmin('init', '--setup', await stage.setup(), '--json')
    assert.equal(ran.code, 0, ran.err)
    assert.equal(asked.length, 4)
    assert.equal(JSON.parse(ran.out).fleet, (await stage.trust()).fleet)
    assert.match(ran.err, /these are not the check words/)
    assert.match(ran.err, /that group reads otherwise/)
    assert.match(ran.err, /no --root given: devices will back up \//)
  })

  it('shows a generated passphrase once, of seven words, and the key opens with it', async () => {
    using stage = new ConsoleStage()
    stage.interactive = true
    stage.answer = question => stage.answerKit(question)
    const ran = await stage.run('init', '--setup', await stage.setup())
    assert.equal(ran.code, 0, ran.err)
    const words = ran.err.match(/\n {4}([a-z]+(?: [a-z]+){6})\n/)?.[1] ?? assert.fail(ran.err)
    const key = await openAdminKey('x', readFileSync(join(stage.admin, 'admin.key.age')), words)
    assert.equal(key.seed.length, 32)
    assert.ok(!ran.out.includes(words))
  })

  it('interrupted at the kit goes on where it stopped', async () => {
    using stage = new ConsoleStage()
    const setup = await stage.setup()
    const first = await stage.asAdmin('init', '--setup', setup, '--root', '/srv')
    assert.equal(first.code, 1)
    assert.match(first.err, /error: nobody typed what the printed page says.*\nhint: print the page/)
    const kit = readFileSync(stage.kitFile, 'utf8')
    assert.match(
      (await stage.asAdmin('devices')).err,
      /not yet handed to its collector\nhint: go on with: backstay init/,
    )
    const other = await stage.asAdmin('init', '--setup', setup, '--root', '/home')
    assert.match(other.err, /was made to back up \/srv\nhint: go on without --root/)
    stage.answer = question => stage.answerKit(question)
    const second = await stage.asAdmin('init', '--setup', setup, '--root', '/srv')
    assert.equal(second.code, 0, second.err)
    assert.equal(readFileSync(stage.kitFile, 'utf8'), kit, 'the same kit')
    assert.equal(readKit(kit).fleet, (await stage.trust()).fleet)
    assert.ok(!existsSync(join(stage.admin, 'founding.json')))
  })

  it('goes on after a link that failed, without asking for the kit again', async () => {
    using stage = new ConsoleStage()
    stage.collector.failure = new Failure('unreachable', 'the collector cannot be reached')
    stage.answer = question => stage.answerKit(question)
    const setup = await stage.setup()
    assert.equal((await stage.asAdmin('init', '--setup', setup)).code, 1)
    stage.collector.failure = undefined
    stage.answer = () => assert.fail('nothing is left to ask')
    rmSync(stage.kitFile)
    const other = await stage.asAdmin('init', '--setup', await stage.setup('another collector'))
    assert.match(other.err, /was made for another collector/)
    const second = await stage.asAdmin('init', '--setup', setup)
    assert.equal(second.code, 0, second.err)
    assert.equal(stage.collector.founded.length, 1)
  })

  it('goes on when the collector was founded but its answer was lost', async () => {
    using stage = new ConsoleStage()
    stage.collector.answerLost = true
    const lost = await stage.init()
    assert.match(lost.err, /the link was cut/)
    stage.collector.answerLost = false
    const again = await stage.init()
    assert.equal(again.code, 0, again.err)
    using late = new ConsoleStage()
    late.collector.founded.push(...stage.collector.founded)
    assert.match((await late.init()).err, /the collector belongs to a fleet already/)
  })

  it('says when the kit was deleted before it was confirmed', async () => {
    using stage = new ConsoleStage()
    const setup = await stage.setup()
    await stage.asAdmin('init', '--setup', setup)
    rmSync(stage.kitFile)
    const ran = await stage.asAdmin('init', '--setup', setup)
    assert.match(ran.err, /was deleted before anyone typed back a part of it/)
    assert.equal((await stage.init()).code, 0)
  })

  it('never overwrites a key', async () => {
    using stage = await founded()
    const before = readFileSync(join(stage.admin, 'admin.key.age'))
    const again = await stage.init()
    assert.equal(again.code, 1)
    assert.match(again.err, /belongs to a fleet already\nhint: use another folder: --admin DIR/)
    rmSync(join(stage.admin, 'fleet.json'))
    assert.equal((await stage.init()).code, 1)
    assert.deepEqual(readFileSync(join(stage.admin, 'admin.key.age')), before)
  })

  it('says in one sentence what is wrong with what it was given', async () => {
    using stage = new ConsoleStage()
    const setup = await stage.setup()
    const wrongs: [string[], RegExp][] = [
      [['--setup', 'x'], /not a set-up string: it does not begin with "backstay-setup:"/],
      [['--setup', setup.slice(0, -5)], /not a set-up string: it is cut short or mistyped/],
      [['--setup', setup, '--root', 'home'], /"home" is not an absolute path/],
      [['--setup', setup, '--root', '/a/../b'], /"\/a\/..\/b" is not an absolute path/],
      [['--setup', setup, '--exclude', ''], /--exclude is empty/],
      [['--setup', setup, '--fleet', ' '], /the name of the fleet must have/],
      [['--setup', setup, '--name', '\u001b[2J'], /the name must have/],
      [['--setup', setup, '--passphrase-file', '/nowhere'], /there is no passphrase file "\/nowhere"/],
      [['--setup', setup], /your key needs a passphrase/],
    ]
    for (const [words, sentence] of wrongs) {
      const ran = await stage.run('init', ...words)
      assert.equal(ran.code, 1, words.join(' '))
      assert.match(ran.err, sentence)
      assert.ok(!ran.err.includes('    at '), 'no stack trace')
      assert.ok(!existsSync(join(stage.admin, 'admin.key.age')), 'nothing was made')
    }
    const { code, err } = await stage.run('init')
    assert.equal(code, 2)
    assert.match(err, /required option '--setup <string>' not specified/)
    assert.equal((await stage.run('init', '--help')).code, 0)
    assert.equal((await stage.run('nonsense')).code, 2)
  })

  it('makes a key file that a stock age opens', async context => {
    const version = ageVersion()
    if (version === undefined) {
      console.log(
        'not tested: no age program is installed here, so the admin key file was not opened with it',
      )
      context.skip('no age program')
      return
    }
    using stage = new ConsoleStage()
    stage.scryptLogN = 18
    assert.equal((await stage.init()).code, 0)
    const file = join(stage.admin, 'admin.key.age')
    // age asks on the terminal only; `script` gives it one.
    const shown = execFileSync('script', ['-qec', `age --decrypt '${file}'`, '/dev/null'], {
      input: `${passphrase}\n`,
      encoding: 'utf8',
    })
    assert.match(shown, /BACKSTAY-ADMIN-KEY-1[A-Z0-9]{58}/)
    assert.match(shown, /AGE-SECRET-KEY-PQ-1[A-Z0-9]{58}/)
  })
})

describe('backstay token', () => {
  it('prints what a device needs, and gives its grant and policy to the collector first', async () => {
    using stage = await founded()
    const text = await tokenOf(stage, '--uses', '500', '--days', '7', '--label', 'laptops', '--root', '/data')
    const token = decodeToken(text)
    const trust = await stage.trust()
    requireTokenTrust(token, [trust])
    assert.deepEqual(token.urls, ['wss://backup.example:7443'])
    const context = { trust, nowMs: stage.nowMs }
    const grant = await verifyGrant(p, token.grant, context)
    assert.equal(grant.maxUses, 500)
    assert.equal(grant.order.expiresAtMs, stage.nowMs + 7 * 86_400_000)
    assert.deepEqual((await p.signingKey(token.grantSeed)).publicKey, grant.grantKey)
    const kept = stage.collector.records.slice(3).map(record => record.envelope)
    assert.deepEqual(
      kept.map(envelope => kindOf(decodeEnvelope(envelope))),
      ['policy', 'grant'],
    )
    const policy = await verifyPolicy(p, kept[0] ?? assert.fail(), { ...context, audience: [grant.order.id] })
    assert.deepEqual(rootsIn(policy), [utf8('/data')])
    assert.ok(text.length < 2000, 'it fits a line of a terminal')
    assert.ok(!stage.collector.records.some(record => hex(record.envelope).includes(hex(token.grantSeed))))
  })

  it('without --root makes no policy of its own; addresses may be others', async () => {
    using stage = await founded()
    const token = decodeToken(await tokenOf(stage, '--url', 'wss://a.example', '--url', 'wss://b.example:1'))
    assert.deepEqual(token.urls, ['wss://a.example', 'wss://b.example:1'])
    assert.deepEqual(
      stage.collector.records.slice(3).map(one => kindOf(decodeEnvelope(one.envelope))),
      ['grant'],
    )
    const json = JSON.parse((await stage.asAdmin('token', '--json')).out)
    assert.equal(decodeToken(json.token).fleet, token.fleet)
  })

  it('refuses numbers, addresses and labels that make no sense', async () => {
    using stage = await founded()
    const wrongs: [string[], RegExp][] = [
      [['--uses', '0'], /--uses must be a whole number from 1 to 10000, not "0"/],
      [['--uses', '1.5'], /--uses must be/],
      [['--uses', '-1'], /--uses must be/],
      [['--days', '400'], /--days must be a whole number from 1 to 366/],
      [['--url', 'http://x'], /"http:\/\/x" is not of the form wss:\/\/host:port/],
      [['--label', 'a\u0007b'], /a label must have/],
      [['--root', 'x'], /"x" is not an absolute path/],
    ]
    for (const [words, sentence] of wrongs) {
      const ran = await stage.asAdmin('token', ...words)
      assert.equal(ran.code, 1, words.join(' '))
      assert.match(ran.err, sentence)
    }
    assert.equal(stage.collector.records.length, 3, 'nothing was uploaded')
  })
})

describe('an admin session', () => {
  it('needs the right passphrase, and an admin folder', async () => {
    using stage = await founded()
    assert.match((await stage.run('devices')).err, /passphrase of ".*admin.key.age" is needed/)
    stage.interactive = true
    stage.answer = () => 'wrong'
    assert.match(
      (await stage.run('devices')).err,
      /the passphrase does not open this file \(".*admin.key.age"\)/,
    )
    stage.answer = () => passphrase
    assert.equal((await stage.run('devices')).code, 0)
    assert.match(
      (await stage.asAdmin('devices', '--admin', join(stage.folder, 'none'))).err,
      /is no admin's folder/,
    )
  })

  it('remembers the newest Trust and never goes back', async () => {
    using stage = await founded()
    const trust = await stage.trust()
    const owner = await p.signingKey(readKit(readFileSync(stage.kitFile, 'utf8')).ownerSeed)
    const second = { ...trust.document, version: 2, previous: trust.payloadHash, fleetName: 'renamed' }
    const envelope = await signTrust(p, second, [owner])
    stage.collector.trust = [envelope]
    assert.equal((await stage.asAdmin('devices')).code, 0)
    stage.collector.trust = []
    const token = decodeToken(await tokenOf(stage))
    assert.equal(token.trustVersion, 2, 'though the collector does not show it any more')
    stage.collector.trust = [trust.envelope]
    assert.match((await stage.asAdmin('devices')).err, /version 1 of Trust is not newer than version 2/)
    const forged = { ...second, version: 3, kitRecipient: testIdentity(5).recipient }
    stage.collector.trust = [await signTrust(p, forged, [await testKey(p, 'evil')])]
    assert.equal((await stage.asAdmin('devices')).code, 1)
  })

  it('ends when its admin was removed from Trust', async () => {
    using stage = await founded()
    const trust = await stage.trust()
    const owner = await p.signingKey(readKit(readFileSync(stage.kitFile, 'utf8')).ownerSeed)
    const without = { ...trust.document, version: 2, previous: trust.payloadHash, admins: [] }
    stage.collector.trust = [await signTrust(p, without, [owner])]
    assert.match((await stage.asAdmin('token')).err, /is no admin's in version 2 of Trust/)
  })

  it('names the file of its folder that is damaged', async () => {
    using stage = await founded()
    const fleet = join(stage.admin, 'fleet.json')
    const whole = readFileSync(fleet)
    for (const damage of [whole.subarray(0, 100), Buffer.alloc(0), Buffer.from('{}')]) {
      writeFileSync(fleet, damage)
      const ran = await stage.asAdmin('devices')
      assert.equal(ran.code, 1)
      assert.match(ran.err, /"[^"]*fleet.json" cannot be used: it is damaged or half-written/)
    }
    writeFileSync(fleet, whole)
    writeFileSync(join(stage.admin, 'admin.key.age'), 'x')
    assert.match((await stage.asAdmin('devices')).err, /not an age file: .* \("[^"]*admin.key.age"\)/)
  })
})

describe('backstay devices and prove', () => {
  it('show a device, prove its escrow both ways, and show that', async () => {
    using stage = await founded()
    assert.match((await stage.asAdmin('devices')).out, /no device yet/)
    await stage.enroll(await tokenOf(stage), 'laptop of A')
    stage.nowMs += 3 * 3_600_000
    const before = await stage.asAdmin('devices')
    assert.match(before.out, /^state +name +why +seen +last complete +oldest change +stored +agent\n/)
    assert.match(
      before.out,
      /^✓ protected +laptop of A +backed up 3 hours ago; .* 3 hours ago +3 hours ago +- +4\.8 MiB +-$/m,
    )
    assert.match((await stage.asAdmin('devices', 'laptop of A')).out, /^escrow proven +no$/m)
    const proved = await stage.asAdmin('prove', '--kit', stage.kitFile)
    assert.equal(proved.code, 0, proved.err)
    assert.equal(proved.out, 'laptop of A: recoverable (desk, kit)')
    const [line] = JSON.parse((await stage.asAdmin('devices', '--json')).out)
    assert.deepEqual(line.proven, ['desk', 'kit'])
    const proofs = stage.collector.records.filter(one => kindOf(decodeEnvelope(one.envelope)) === 'proof')
    assert.deepEqual(
      proofs.map(one => decodeProof(decodeEnvelope(one.envelope).payload).way),
      ['desk', 'kit'],
    )
  })

  it('find an escrow of garbage and end with exit code 1', async () => {
    using stage = await founded()
    await stage.enroll(await tokenOf(stage), 'good')
    const { device, key, trust } = await stage.enroll(await tokenOf(stage), 'bad')
    const record = stage.collector.records.findIndex(one => one.device === device)
    const stored = stage.collector.records[record] ?? assert.fail()
    const escrow = await verifyEscrow(p, stored.envelope, key.publicKey)
    const deskFile = await sealTo([trust.document.deskRecipient], p.random(120))
    stage.collector.records.splice(record, 1)
    await stage.collector.keep(await signEscrow(p, { ...escrow, deskFile }, key), device)
    const ran = await stage.asAdmin('prove')
    assert.equal(ran.code, 1)
    assert.match(ran.out, /^good: recoverable \(desk\)$/m)
    assert.match(
      ran.out,
      /^bad: NOT RECOVERABLE\n {2}desk: epoch 1 does not open: .* it opens, but not to keys$/m,
    )
    assert.match(ran.err, /1 of 2 device\(s\) could not be recovered/)
    const both = JSON.parse((await stage.asAdmin('prove', '--kit', stage.kitFile, '--json')).out)
    assert.deepEqual(
      both.map((one: { ways: string[] }) => one.ways),
      [['desk', 'kit'], ['kit']],
    )
    const lines = JSON.parse((await stage.asAdmin('devices', '--json')).out)
    assert.deepEqual(
      lines.map((one: { proven: string[] }) => one.proven),
      [['kit'], ['desk', 'kit']],
    )
  })

  it('show a proof of a device that has no snapshot yet', async () => {
    using stage = await founded()
    await stage.enroll(await tokenOf(stage), 'new')
    const [row] = stage.collector.rows
    assert.ok(row)
    stage.collector.rows.splice(0, 1, { ...row, head: undefined })
    assert.equal((await stage.asAdmin('prove')).code, 0)
    assert.deepEqual(JSON.parse((await stage.asAdmin('devices', '--json')).out)[0].proven, ['desk'])
  })

  it('find a device without escrow, and one whose newest epoch has none', async () => {
    using stage = await founded()
    const { device } = await stage.enroll(await tokenOf(stage), 'laptop')
    const kept = stage.collector.records.filter(one => one.device !== device)
    stage.collector.records.splice(0, stage.collector.records.length, ...kept)
    assert.match((await stage.asAdmin('prove')).out, /NOT RECOVERABLE\n {2}desk: no escrow/)
  })

  it('test 25, fake-device: mark a device that the collector made up, and restore nothing of it', async () => {
    using stage = await founded()
    await stage.enroll(await tokenOf(stage), 'real')
    const [row] = stage.collector.rows
    assert.ok(row)
    const fake = await testDevice(p, await testFleet(p), 'fake')
    stage.collector.rows.push({ ...row, certificate: fake.certificateEnvelope, grant: fake.grantEnvelope })
    const listed = await stage.asAdmin('devices')
    assert.match(listed.out, /\(unverified\)/)
    assert.match(listed.err, /warning: 1 device\(s\) were let in by no admin/)
    const ran = await stage.asAdmin('prove')
    assert.equal(ran.code, 1)
    assert.match(ran.out, /\(unverified\): NOT RECOVERABLE\n {2}no admin let it in/)
    const to = join(stage.folder, 'out')
    for (const name of [fake.id, 'fake']) {
      const restored = await stage.asAdmin('restore', name, '/home', '--to', to)
      assert.equal(restored.code, 1)
      assert.match(restored.err, /no device ".*" is in this fleet/)
    }
    assert.equal(existsSync(to), false)
  })

  it('refuse the kit of another fleet, and name the line with a typing mistake', async () => {
    using stage = await founded()
    using other = await founded()
    const wrong = await stage.asAdmin('prove', '--kit', other.kitFile)
    assert.match(wrong.err, /this recovery kit is of fleet/)
    const typo = join(stage.folder, 'typo.txt')
    const kit = readFileSync(stage.kitFile, 'utf8')
    const line = kit.match(/BACKSTAY-OWNER-KEY-1 <span>(.{6})/)?.[1] ?? assert.fail()
    writeFileSync(
      typo,
      kit.replace(`<span>${line}`, `<span>${line.startsWith('Q') ? 'P' : 'Q'}${line.slice(1)}`),
    )
    assert.match(
      (await stage.asAdmin('prove', '--kit', typo)).err,
      /line 2 of the kit \(owner key\) is missing or mistyped/,
    )
    assert.match((await stage.asAdmin('prove', '--kit', '/nowhere')).err, /there is no kit file "\/nowhere"/)
  })

  it('refuse a keyring whose desk no owner named', async () => {
    using stage = await founded()
    const { admins } = (await stage.trust()).document
    const index = stage.collector.records.findIndex(one => kindOf(decodeEnvelope(one.envelope)) === 'keyring')
    const genuine = decodeKeyring(
      decodeEnvelope(stage.collector.records[index]?.envelope ?? assert.fail()).payload,
    )
    const evil = testIdentity(5)
    const file = await sealTo(
      admins.map(one => one.recipient),
      utf8(evil.identity),
    )
    const forged = { ...genuine, deskRecipient: evil.recipient, file }
    stage.collector.records.splice(index, 1)
    await stage.collector.keep(await signKeyring(p, forged, await testKey(p, 'evil')))
    assert.match((await stage.asAdmin('prove')).err, /no keyring of this fleet opens with this admin key/)
  })
})

it('the keyring opens to the desk identity with the admin key alone', async () => {
  using stage = await founded()
  const key = await openAdminKey('x', readFileSync(join(stage.admin, 'admin.key.age')), passphrase)
  const keyring = decodeKeyring(decodeEnvelope(stage.collector.records[1]?.envelope ?? assert.fail()).payload)
  assert.match(fromUtf8(await openWith([key.identity], keyring.file)), /^AGE-SECRET-KEY-PQ-1[A-Z0-9]{58}\n$/)
  const armored = readFileSync(join(stage.admin, 'admin.key.age'))
  assert.match(fromUtf8(await openWithPassphrase(armored, passphrase)), /^# backstay admin key of /)
})

function ageVersion(): string | undefined {
  try {
    return execFileSync('age', ['--version'], { encoding: 'utf8' })
  } catch {
    return undefined
  }
}

function rootsIn({ settings }: Policy): readonly Uint8Array[] {
  return settings.flatMap(one => (one.kind === 'backupSet' ? one.value.roots : []))
}
