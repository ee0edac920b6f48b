// The whole collector with its sockets and files, started as a person would.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connectAdmin, connectDevice, connectFounder, connectNewcomer } from '@backstay/agent/link/connect'
import { wsTransport } from '@backstay/agent/link/ws-transport'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { Sealed } from '@backstay/proto/object/id'
import { systemClock } from '@backstay/proto/system-clock'
import { signCertificate } from '@backstay/proto/trust/certificate'
import { signGrant } from '@backstay/proto/trust/grant'
import { newOrder } from '@backstay/proto/trust/order'
import { decodeSetup, type Setup } from '@backstay/proto/trust/setup'
import { type TestDevice, type TestFleet, testDevice, testFleet } from '@backstay/proto/trust/testing/fleet'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow, sampleTree } from '../testing/sample-objects.ts'
import { run } from './program.ts'

const top = mkdtempSync(join(tmpdir(), 'backstay-serve-'))
const stops: (() => void)[] = []
after(() => {
  for (const stop of stops) stop()
  rmSync(top, { recursive: true })
})
let folders = 0
const newFolder = () => join(top, String(++folders))

interface Running {
  readonly out: string[]
  readonly err: string[]
  readonly started: Promise<Record<string, unknown>>
  stop(): Promise<number>
}

/** Runs `serve --json` in this process. */
function serve(data: string, ...more: readonly string[]): Running {
  const out: string[] = []
  const err: string[] = []
  const stop = new AbortController()
  stops.push(() => stop.abort())
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
  const done = run(['serve', '--json', '--data', data, '--listen', '127.0.0.1:0', ...more], {
    print(line) {
      out.push(line)
      if (line.includes('"started"')) resolve(JSON.parse(line))
    },
    say: line => void err.push(line),
    environment: {},
    signal: stop.signal,
  })
  done.then(code => reject(new Error(`exit code ${code}: ${err.join('\n')}`)))
  return {
    out,
    err,
    started: promise,
    async stop() {
      stop.abort()
      return done
    },
  }
}

/** A fleet whose Trust names this collector as its set-up string does. */
function fleetOn(setup: Setup): Promise<TestFleet> {
  return testFleet(p, {
    collectors: [{ key: setup.collectorKey, spkiPins: setup.spkiPins, binding: 'tls_exporter' }],
  })
}

/** With a grant that is good today. */
async function deviceOf(fleet: TestFleet, name: string): Promise<TestDevice> {
  const device = await testDevice(p, fleet, name)
  const order = newOrder(p, fleet.trust, Date.now(), { expiresAtMs: Date.now() + 60_000 })
  const grant = { ...device.grant, order }
  const certificate = { ...device.certificate, grantId: order.id }
  return {
    ...device,
    grant,
    grantEnvelope: await signGrant(p, grant, fleet.admin),
    certificate,
    certificateEnvelope: await signCertificate(p, certificate, device.grantKey, device.key),
  }
}

const base = { primitives: p, clock: systemClock, transport: wsTransport({ clock: systemClock }) }

test('from an empty folder to a restore, over a restart, with nothing secret in the log', async () => {
  const data = newFolder()
  const first = serve(data)
  const started = await first.started
  assert.equal(started.fleet, undefined)
  const setup = decodeSetup(String(started.setup))
  assert.deepEqual(setup.urls, started.urls)
  const fleet = await fleetOn(setup)
  const laptop = await deviceOf(fleet, 'planted-laptop-name')
  const stranger = { ...base, urls: setup.urls, pins: setup.spkiPins, fleet: fleet.trust.fleet }
  const founder = connectFounder({ ...stranger, signingKey: fleet.owner, collectorKey: setup.collectorKey })
  await (await founder.found(setup.code, [fleet.trust.envelope])).close()
  assert.ok(!readdirSync(join(data, 'identity')).includes('setup-code'), 'the code is good for once')

  const tree = await sampleTree(seededRandom(3), { leaves: 3, segments: 4, bodyBytes: 300_000 })
  const commit = await sampleCommit(fleet, laptop, tree.root)
  {
    const newcomer = connectNewcomer({ ...stranger, signingKey: laptop.key })
    await using session = await newcomer.enroll(laptop.grantEnvelope, laptop.certificateEnvelope)
    await session.putRecord(await sampleEscrow(fleet, laptop))
    for (const { id, stored } of tree.objects) await session.put(id, stored.slice() as Sealed)
    await session.publish(commit.stored)
  }
  assert.equal(await first.stop(), 0)

  const second = serve(data)
  const again = await second.started
  assert.equal(again.fleet, fleet.trust.fleet)
  assert.equal(again.setup, undefined)
  assert.equal(again.pin, started.pin, 'the keys are the same')
  const member = { ...base, urls: again.urls as string[], trust: fleet.trust }
  const device = await connectDevice({ ...member, signingKey: laptop.key })
  assert.equal(device.welcome.head, commit.id)
  await device.close()
  {
    await using admin = await connectAdmin({ ...member, signingKey: fleet.admin })
    const ids = tree.objects.map(({ id }) => id)
    let at = 0
    for await (const { stored } of admin.get(ids, laptop.id)) {
      assert.ok(stored && Buffer.from(stored).equals(tree.objects[at++]?.stored ?? new Uint8Array()))
    }
    assert.equal(at, ids.length)
  }
  assert.equal(await second.stop(), 0)

  const log = [...first.err, ...second.err].join('\n')
  const printed = String(started.setup)
  assert.match(log, /session opened/)
  for (const planted of [
    printed,
    printed.slice(20, 60),
    setup.code.toHex(),
    'planted-laptop-name',
    'example fleet',
  ]) {
    assert.ok(!log.includes(planted), planted)
  }
  // What lies on the disk is for this user only.
  for (const name of readdirSync(join(data, 'identity'))) {
    assert.equal(statSync(join(data, 'identity', name)).mode & 0o077, 0)
  }
})

test('one folder has one collector, and it is free again when that one stops', async () => {
  const data = newFolder()
  const first = serve(data)
  await first.started
  const second = serve(data)
  await assert.rejects(second.started, /another process works in the data folder/)
  assert.equal(await first.stop(), 0)
  const third = serve(data)
  await third.started
  assert.equal(await third.stop(), 0)
})

test('what stands in the way of a start is said in a sentence, and the exit code is not 0', async () => {
  const taken = createServer()
  await once(taken.listen(0, '127.0.0.1'), 'listening')
  const { port } = taken.address() as { port: number }
  const cases: readonly (readonly [RegExp, string, ...string[]])[] = [
    [/another program listens on 127\.0\.0\.1:\d+ already/, newFolder(), '--listen', `127.0.0.1:${port}`],
    [/cannot listen on 192\.0\.2\.1:1/, newFolder(), '--listen', '192.0.2.1:1'],
    [/cannot write in the data folder/, join(import.meta.filename, 'folder')],
    [/--listen must be HOST:PORT.*--log-level must be/s, newFolder(), '--listen', 'x', '--log-level', 'y'],
  ]
  for (const [expected, data, ...more] of cases) {
    const running = serve(data, ...more)
    await assert.rejects(running.started, expected)
    const said = running.err.join('\n')
    assert.match(said, /^error: /m)
    assert.match(said, /^hint: /m)
    assert.doesNotMatch(said, /\n\s+at /, 'no stack')
    assert.notEqual(await running.stop(), 0)
  }
  taken.close()
})

test('keys that are damaged, lost in part or readable by others stop the start', async () => {
  const data = newFolder()
  const first = serve(data)
  await first.started
  await first.stop()
  const path = join(data, 'identity/collector-keys.json')
  const good = readFileSync(path)
  for (const bad of ['', '{}', good.subarray(0, 200), String(good).replace(/"seed": "../, '"seed": "')]) {
    writeFileSync(path, bad)
    await assert.rejects(serve(data).started, /does not hold the keys of this collector any more/)
  }
  writeFileSync(path, good)
  chmodSync(path, 0o644)
  await assert.rejects(serve(data).started, /others may read/)
  chmodSync(path, 0o600)
  const last = serve(data)
  await last.started
  assert.equal(await last.stop(), 0)
})

test('the set-up string stays the same until a fleet is founded', async () => {
  const data = newFolder()
  const codes: string[] = []
  for (let i = 0; i < 2; i++) {
    const running = serve(data, '--url', 'wss://backup.example.com:7443')
    const { setup } = await running.started
    const { code, urls } = decodeSetup(String(setup))
    assert.deepEqual(urls, ['wss://backup.example.com:7443'])
    codes.push(code.toHex())
    await running.stop()
  }
  assert.equal(codes[0], codes[1])
})

test('the program itself stops on SIGTERM with exit code 0 and speaks to people without --json', async () => {
  const program = join(import.meta.dirname, '../../bin/backstay-collector.mjs')
  const child = spawn(process.execPath, [program, 'serve', '--data', newFolder(), '--listen', '127.0.0.1:0'])
  let out = ''
  child.stdout.on('data', chunk => {
    out += chunk
    if (out.includes('backstay-setup:')) child.kill('SIGTERM')
  })
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
  assert.match(out, /it serves no fleet yet/)
})

test('help tells every setting with its variable', async () => {
  const lines: string[] = []
  const around = {
    print: (line: string) => void lines.push(line),
    say: (line: string) => void lines.push(line),
    environment: {},
    signal: new AbortController().signal,
  }
  assert.equal(await run(['serve', '--help'], around), 0)
  const help = lines.join('\n')
  for (const word of ['--data', 'BACKSTAY_LISTEN', '0.0.0.0:7443', '--json', '--handshakes-per-minute']) {
    assert.ok(help.includes(word), word)
  }
  assert.equal(await run(['serve', '--nonsense'], around), 2)
  assert.equal(await run(['nonsense'], around), 2)
})
