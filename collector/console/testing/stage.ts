/** A console for tests: a folder of its own, a scripted terminal, a clock that stands still, a collector in memory. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { called } from '@backstay/agent/commands/called'
import type { Bytes } from '@backstay/proto/bytes'
import { runProgram } from '@backstay/proto/command-line'
import { makeEscrow } from '@backstay/proto/content/escrow'
import { kitCheckWords, kitGroups, kitLines, readKit } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId } from '@backstay/proto/object/id'
import { deviceIdOf, signCertificate } from '@backstay/proto/trust/certificate'
import { signCommit } from '@backstay/proto/trust/commit'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeGrant } from '@backstay/proto/trust/grant'
import { encodeSetup } from '@backstay/proto/trust/setup'
import { testIdentity, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { decodeToken } from '@backstay/proto/trust/token'
import { type VerifiedTrust, verifyTrustChain } from '@backstay/proto/trust/trust'
import { Command } from 'commander'
import { commands } from '../commands.ts'
import type { Terminal } from '../terminal.ts'
import { FakeCollector } from './fake-collector.ts'

export const passphrase = 'correct horse battery staple'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export class ConsoleStage implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'backstay-console-'))
  readonly admin = join(this.folder, 'admin')
  readonly passphraseFile = join(this.folder, 'passphrase')
  readonly code = new Uint8Array(16).fill(4)
  readonly collector = new FakeCollector(this.code, () => this.nowMs)
  nowMs = testNowMs
  interactive = false
  scryptLogN = 10
  /** Answers a question; tests replace it. */
  answer: (question: string, said: string) => string | Promise<string> = () => {
    throw new Failure('no_answer', 'the question was not answered')
  }

  constructor() {
    writeFileSync(this.passphraseFile, `${passphrase}\n`)
  }

  async setup(name = 'collector'): Promise<string> {
    const { publicKey } = await testKey(p, name)
    const spkiPins = [new Uint8Array(32).fill(9)]
    return encodeSetup({
      urls: ['wss://backup.example:7443'],
      spkiPins,
      collectorKey: publicKey,
      code: this.code,
    })
  }

  /** Runs `backstay …` in this stage's folder. */
  async run(...words: string[]): Promise<Ran> {
    const out: string[] = []
    const err: string[] = []
    const terminal: Terminal = {
      interactive: this.interactive,
      print: text => void out.push(text),
      say: text => void err.push(text),
      ask: async question => this.answer(question, err.join('\n')),
      [Symbol.dispose]() {},
    }
    const around = {
      primitives: p,
      clock: { now: () => this.nowMs, monotonic: () => 0, sleep: async () => {} },
      terminal,
      environment: { BACKSTAY_ADMIN: this.admin },
      connecting: this.collector,
      signal: new AbortController().signal,
      scryptLogN: this.scryptLogN,
    }
    const program = new Command('backstay')
    for (const make of await called(commands, words)) program.addCommand(make(around))
    const code = await runProgram(program, words, around)
    return { code, out: out.join('\n'), err: err.join('\n') }
  }

  /** Runs a command that needs the passphrase. */
  asAdmin(...words: string[]): Promise<Ran> {
    return this.run(...words, '--passphrase-file', this.passphraseFile)
  }

  async init(...words: string[]): Promise<Ran> {
    return this.asAdmin('init', '--setup', await this.setup(), '--unattended', ...words)
  }

  get kitFile(): string {
    return join(this.admin, 'recovery-kit.html')
  }

  /** Answers what `backstay init` asks about the printed kit. */
  async answerKit(question: string): Promise<string> {
    const kit = readKit(readFileSync(this.kitFile, 'utf8'))
    if (question.includes('check words')) return (await kitCheckWords(p, kit)).join(' ')
    const number = Number(question.match(/group (\d+)/)?.[1])
    return kitGroups(kitLines(kit)[2]).groups[number - 1]?.toLowerCase() ?? ''
  }

  async trust(): Promise<VerifiedTrust> {
    const [founding] = this.collector.founded
    if (founding === undefined) throw new Error('no fleet was founded')
    return verifyTrustChain(p, [founding.records[0] ?? new Uint8Array()], founding.trust.fleet)
  }

  /** Does what an agent does with a token: enrols, escrows, commits. */
  async enroll(token: string, name: string, machine: readonly Bytes[] = []): Promise<EnrolledDevice> {
    const { grant, grantSeed, fleet } = decodeToken(token)
    const key = await testKey(p, `device ${name}`)
    const device = await deviceIdOf(p, key.publicKey)
    const certificate = await signCertificate(
      p,
      {
        fleet,
        device,
        deviceKey: key.publicKey,
        grantId: decodeGrant(decodeEnvelope(grant).payload).order.id,
        name,
        platform: 'linux',
        issuedAtMs: this.nowMs,
        recipient: testIdentity(3).recipient,
        machine,
      },
      await p.signingKey(grantSeed),
      key,
    )
    const secrets = { epoch: 1, deviceSecret: p.random(32), borderSecret: p.random(32) }
    const trust = await this.trust()
    const escrow = await makeEscrow(p, { trust, device, secrets, signingKey: key, nowMs: this.nowMs })
    await this.collector.keep(escrow, device)
    const head = await signCommit(
      p,
      {
        fleet,
        device,
        epoch: 1,
        sequence: 1,
        previous: undefined,
        root: 'aa'.repeat(32) as ObjectId,
        startedAtMs: this.nowMs,
        endedAtMs: this.nowMs,
        complete: true,
        entries: 1,
        bytes: 1,
        unread: 0,
        sealed: new Uint8Array(1),
        seenTrust: 1,
        seenPolicy: 1,
        branch: undefined,
      },
      key,
    )
    const times = { enrolledAtMs: this.nowMs, lastSeenMs: this.nowMs, headReceivedAtMs: this.nowMs }
    const row = { certificate, grant, head, ...times, revoked: false, storedBytes: 5_000_000 }
    const health = {
      heartbeat: undefined,
      heardAtMs: 0,
      online: false,
      onlineSinceMs: 0,
      revokedAtMs: 0,
      clonedSinceMs: 0,
    }
    this.collector.rows.push({
      ...row,
      ...health,
      escrowedAtMs: this.nowMs,
      lastCompleteAtMs: this.nowMs,
      obeyed: undefined,
    })
    return { device, key, secrets, trust }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

export interface EnrolledDevice {
  readonly device: Awaited<ReturnType<typeof deviceIdOf>>
  readonly key: Awaited<ReturnType<typeof testKey>>
  readonly secrets: {
    readonly epoch: number
    readonly deviceSecret: Uint8Array
    readonly borderSecret: Uint8Array
  }
  readonly trust: VerifiedTrust
}
