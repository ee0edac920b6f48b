// A man in the middle with a stolen TLS key: valid, pinned TLS on both legs, and every frame passed on untouched.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectAdmin, connectDevice, connectNewcomer } from '@backstay/agent/link/connect'
import { wsTransport } from '@backstay/agent/link/ws-transport'
import { nodePrimitives as p } from '@backstay/proto/node'
import { systemClock } from '@backstay/proto/system-clock'
import type { Connection } from '@backstay/proto/wire/transport'
import { frameBytesMax } from '@backstay/proto/wire/wire'
import { laptop, sampleFleet } from '../testing/sample-vault.ts'
import { listen, spkiPinOf } from './listener.ts'
import { selfSigned } from './self-signed.ts'
import { sampleGateway } from './testing/sample-gateway.ts'

const tls = selfSigned(Date.now())
const pins = [spkiPinOf(tls)]
const [named] = sampleFleet.trust.document.collectors
assert.ok(named)
/** The sample fleet's Trust as its members know it, with this test's TLS key. */
const trust = {
  ...sampleFleet.trust,
  document: { ...sampleFleet.trust.document, collectors: [{ ...named, spkiPins: pins }] },
}
const transport = wsTransport({ clock: systemClock })
const local = { host: '127.0.0.1', port: 0, tls, clock: systemClock }

test('a relay with the collector’s own TLS key is found out by both sides', async () => {
  await using world = await sampleGateway()
  await using collector = await listen(local, connection => world.gateway.accept(connection))
  const passed: number[] = []
  await using relay = await listen(local, connection => void pass(connection, collector.port, passed))
  const options = { primitives: p, clock: systemClock, transport, trust, signingKey: sampleFleet.admin }

  const direct = await connectAdmin({ ...options, urls: [`wss://127.0.0.1:${collector.port}`] })
  await direct.close()

  const urls = [`wss://127.0.0.1:${relay.port}`]
  await assert.rejects(connectAdmin({ ...options, urls }), { code: 'wrong_channel' })
  await assert.rejects(connectDevice({ ...options, urls, signingKey: laptop.key }), { code: 'wrong_channel' })
  assert.deepEqual(passed, [1, 1], 'members stop before they prove anything')
  // A newcomer does not know the collector's key yet, so it goes on; then the collector finds out.
  const newcomer = { ...options, urls, pins, fleet: trust.fleet, signingKey: laptop.key }
  await assert.rejects(connectNewcomer(newcomer).enroll(laptop.grantEnvelope, laptop.certificateEnvelope), {
    code: 'not_admitted',
  })
})

/** Passes frames both ways; notes how many each client sent. */
async function pass(client: Connection, port: number, passed: number[]): Promise<void> {
  const server = await transport.connect(`wss://127.0.0.1:${port}`, pins)
  const index = passed.push(0) - 1
  const down = (async () => {
    server.allow(frameBytesMax)
    for await (const frame of server.receive()) await client.send(frame)
    client.close()
  })().catch(() => client.close())
  try {
    for await (const frame of client.receive()) {
      passed[index] = (passed[index] ?? 0) + 1
      await server.send(frame)
    }
  } catch {
    // The client went away.
  }
  server.close()
  await down
}
