// Another recovery kit takes the place of the old one: made, printed, typed back, signed, followed by devices; and cut off anywhere.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { makeEscrow } from '@backstay/proto/content/escrow'
import { kitCheckWords, kitGroups, kitLines, readKit } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import type { KitStanding } from './kit-standing.ts'
import { ConsoleStage, type EnrolledDevice } from './testing/stage.ts'

class KitStage extends ConsoleStage {
  readonly oldKit = join(this.folder, 'old-kit.html')
  readonly newPage = join(this.admin, 'new-recovery-kit.html')

  async found(): Promise<EnrolledDevice> {
    await this.init()
    writeFileSync(this.oldKit, readFileSync(this.kitFile))
    const { token } = JSON.parse((await this.asAdmin('token', '--json')).out) as { token: string }
    return this.enroll(token, 'laptop')
  }

  replace(...words: string[]) {
    return this.asAdmin('kit', 'replace', '--kit', this.oldKit, '--yes', ...words)
  }

  ofKind(kind: string): Bytes[] {
    const all = this.collector.records.map(({ envelope }) => envelope)
    return all.filter(one => kindOf(decodeEnvelope(one)) === kind)
  }

  async history(): Promise<readonly VerifiedTrust[]> {
    return verifyTrustHistory(p, this.ofKind('trust'), (await this.trust()).fleet)
  }

  async standing(): Promise<KitStanding> {
    return JSON.parse((await this.asAdmin('kit', '--json')).out) as KitStanding
  }

  /** Does what an agent does when it sees new recipients. */
  async escrowAgain({ device, key, secrets }: EnrolledDevice): Promise<void> {
    const trust = (await this.history()).at(-1) ?? assert.fail()
    const escrow = await makeEscrow(p, { trust, device, secrets, signingKey: key, nowMs: this.nowMs })
    await this.collector.keep(escrow, device)
  }
}

test('a new kit is printed, typed back and signed by both owners; devices come under it, and the old one stays of use', async () => {
  using stage = new KitStage()
  const laptop = await stage.found()
  const asked: string[] = []
  stage.answer = async question => {
    asked.push(question)
    const kit = readKit(readFileSync(stage.newPage, 'utf8'))
    if (question.includes('check words')) return (await kitCheckWords(p, kit)).join(' ')
    return kitGroups(kitLines(kit)[2]).groups[Number(question.match(/group (\d+)/)?.[1]) - 1] ?? ''
  }
  const made = await stage.replace()
  assert.equal(made.code, 0, made.err)
  assert.equal(asked.length, 2)
  assert.match(made.err, /the new kit counts from version 2 of Trust on; printed\? then delete "/)
  assert.match(made.out, /0 of 1 device\(s\) are under it\nnot under it/)
  assert.match(readFileSync(stage.newPage, 'utf8'), /takes the place of the kit that was made before/)

  const [first, second] = await stage.history()
  assert.ok(first !== undefined && second !== undefined)
  const [old, fresh] = [stage.oldKit, stage.newPage].map(file => readKit(readFileSync(file, 'utf8')))
  assert.notDeepEqual(fresh?.ownerSeed, old?.ownerSeed)
  assert.notEqual(second.document.kitRecipient, first.document.kitRecipient)
  assert.deepEqual(
    second.document.owners.map(({ label }) => label),
    ['recovery kit'],
  )
  assert.equal(second.document.deskRecipient, first.document.deskRecipient)

  const waiting = await stage.asAdmin('prove', '--kit', stage.newPage)
  assert.equal(waiting.code, 0, waiting.err)
  assert.match(waiting.out, /laptop: recoverable \(desk\)\n {2}not under the new kit yet/)
  const before = stage.ofKind('proof').length
  const withOld = await stage.asAdmin('prove', '--kit', stage.oldKit)
  assert.match(withOld.err, /this kit was replaced/)
  assert.match(withOld.out, /laptop: recoverable \(desk, kit of before\)/)
  assert.equal(stage.ofKind('proof').length, before + 1, 'of the desk alone')

  await stage.escrowAgain(laptop)
  assert.deepEqual(await stage.standing(), {
    ...{ since: 2, sinceMs: stage.nowMs, sealed: 1, waiting: [] },
  })
  assert.match(
    (await stage.asAdmin('prove', '--kit', stage.newPage)).out,
    /laptop: recoverable \(desk, kit\)/,
  )
  const again = await stage.asAdmin('admins', 'rotate', '--kit', stage.oldKit, '--yes')
  assert.match(again.err, /this kit was replaced: its key is no owner any more/)
  assert.equal((await stage.asAdmin('admins', 'rotate', '--kit', stage.newPage, '--yes')).code, 0)
})

test('cut off before it is signed, the same kit goes on; after it was signed, none is signed again', async () => {
  using stage = new KitStage()
  await stage.found()
  stage.answer = () => {
    throw new Failure('no_answer', 'the question was not answered')
  }
  assert.equal((await stage.replace()).code, 1)
  const page = readFileSync(stage.newPage, 'utf8')
  assert.equal(stage.ofKind('trust').length, 1, 'nothing was signed')

  const putRecord = stage.collector.keep
  stage.collector.keep = async (...all) => {
    await putRecord.apply(stage.collector, all)
    throw new Failure('link_cut', 'the link was cut', { remedy: 'retry' })
  }
  assert.match((await stage.replace('--unattended')).err, /the link was cut/)
  stage.collector.keep = putRecord
  assert.equal(readFileSync(stage.newPage, 'utf8'), page)
  const [, signed] = stage.ofKind('trust')
  assert.ok(signed)
  stage.collector.trust = [signed]
  const done = await stage.replace('--unattended', '--json')
  assert.equal(done.code, 0, done.err)
  assert.equal((JSON.parse(done.out) as KitStanding).since, 2)
  assert.equal(stage.ofKind('trust').length, 2)
})

test('what must not be signed is refused: a replaced kit, one that lies there since, one of another fleet', async () => {
  using stage = new KitStage()
  using other = new KitStage()
  await stage.found()
  await other.found()
  const strange = await stage.asAdmin('kit', 'replace', '--kit', other.oldKit, '--unattended', '--yes')
  assert.match(strange.err, /this recovery kit is of fleet/)
  assert.equal(existsSync(stage.newPage), false, 'no kit was made for nothing')

  assert.equal((await stage.replace('--unattended')).code, 0)
  const second = join(stage.folder, 'second.html')
  const page = readFileSync(stage.newPage)
  writeFileSync(second, page)
  rmSync(stage.newPage)
  assert.match((await stage.replace('--unattended')).err, /this kit was replaced/)
  const third = await stage.asAdmin('kit', 'replace', '--kit', second, '--unattended', '--yes')
  assert.equal(third.code, 0, third.err)
  writeFileSync(stage.newPage, page)
  const left = await stage.asAdmin('kit', 'replace', '--kit', second, '--unattended', '--yes')
  assert.match(left.err, /is a kit that was replaced in the meantime/)
  assert.equal((await stage.history()).length, 3)
})
