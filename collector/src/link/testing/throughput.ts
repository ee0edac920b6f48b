/**
 * How fast the link is by itself: objects of 1 MiB over the loopback through TLS and WebSocket into an ingest that keeps
 * nothing. Agent and collector are a process each.  node collector/src/link/testing/throughput.ts [MiB in all]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { connectDevice } from '@backstay/agent/link/connect'
import { wsTransport } from '@backstay/agent/link/ws-transport'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId, Sealed } from '@backstay/proto/object/id'
import { systemClock } from '@backstay/proto/system-clock'
import { testDevice, testFleet } from '@backstay/proto/trust/testing/fleet'
import type { Fleet } from '../../fleet/fleet.ts'
import { silentLog } from '../../log.ts'
import type { Archive } from '../answers.ts'
import { openGateway } from '../gateway.ts'
import { listen, spkiPinOf } from '../listener.ts'
import { selfSigned } from '../self-signed.ts'

const mebibyte = 1024 * 1024
const object = p.random(mebibyte) as Sealed
const id = 'ab'.repeat(32) as ObjectId

async function world(spkiPins: readonly Uint8Array[]) {
  const fleet = await testFleet(p)
  const collectors = [{ key: fleet.collector.publicKey, spkiPins, binding: 'tls_exporter' as const }]
  const pinned = await testFleet(p, { collectors })
  return { ...pinned, device: await testDevice(p, pinned, 'laptop') }
}

async function server(): Promise<void> {
  const tls = selfSigned(Date.now())
  const { trust, collector, device } = await world([spkiPinOf(tls)])
  const member = { kind: 'device', device: device.id, grantId: device.grant.order.id } as const
  const fleet = {
    own: { key: collector.publicKey, spkiPin: spkiPinOf(tls) },
    trust,
    claimOf: async () => ({ member, key: device.key.publicKey }),
    stillKnown: async () => true,
    rolesOf: () => [],
    trustAbove: () => [],
    ordersFor: async () => [],
    keepObeyed: async () => undefined,
    jobs: { pending: async () => [] },
    headOf: async () => undefined,
    markSeen: async () => undefined,
  } as unknown as Fleet
  const ingest = {
    // As a disk would: many together, a little later.
    put: (_: unknown, stored: Sealed) =>
      new Promise<ObjectId>(resolve => setImmediate(() => p.sha256(stored).then(() => resolve(id)))),
    room: async () => undefined,
    missing: async () => [],
    publish: () => Promise.reject(new Error('not here')),
  }
  const gateway = openGateway({
    p,
    clock: systemClock,
    key: collector,
    fleet,
    setup: { open: false, matches: async () => false, close: async () => undefined },
    sql: {} as Archive['sql'],
    ingest,
    retrieve: {
      async *get(_device, ids) {
        for (const id of new Set(ids)) yield { id, stored: object }
      },
    },
    auditLog: {} as Archive['auditLog'],
    log: silentLog,
  })
  const listener = await listen({ host: '127.0.0.1', port: 0, tls, clock: systemClock }, gateway.accept)
  process.send?.({ port: listener.port, pin: spkiPinOf(tls).toHex() })
  process.on('message', () => process.send?.(process.cpuUsage()))
}

async function client(total: number): Promise<void> {
  const child = fork(import.meta.filename, ['server'])
  const [{ port, pin }] = await once(child, 'message')
  const { trust, device } = await world([Uint8Array.fromHex(pin)])
  const transport = wsTransport({ clock: systemClock })
  const session = await connectDevice({
    urls: [`wss://127.0.0.1:${port}`],
    trust,
    signingKey: device.key,
    primitives: p,
    transport,
    clock: systemClock,
  })
  const up = async (count: number) => {
    for (let n = 0; n < count; n++) await session.put(id, object.slice() as Sealed)
    await session.flush()
  }
  const down = async (count: number) => {
    for await (const { stored } of session.get(new Array<ObjectId>(count).fill(id))) {
      if (stored?.length !== mebibyte) throw new Error('a short object')
    }
  }
  const cpu = async () => {
    child.send('cpu')
    const [theirs] = await once(child, 'message')
    return { theirs, ours: process.cpuUsage() }
  }
  const seconds = (after: NodeJS.CpuUsage, before: NodeJS.CpuUsage) =>
    (after.user + after.system - before.user - before.system) / 1e6
  await up(64)
  for (const [name, work] of Object.entries({ put: up, get: down })) {
    const before = await cpu()
    const begun = performance.now()
    await work(total)
    const took = (performance.now() - begun) / 1000
    const after = await cpu()
    const perGiB = (used: number) => ((used * 1024) / total).toFixed(2)
    console.log(
      `${name}: ${(total / took).toFixed(0)} MiB/s, ` +
        `agent ${perGiB(seconds(after.ours, before.ours))} and collector ` +
        `${perGiB(seconds(after.theirs, before.theirs))} CPU-s/GiB, ` +
        `agent RSS ${(process.memoryUsage.rss() / mebibyte).toFixed(0)} MiB, ${availableParallelism()} cores`,
    )
  }
  await session.close()
  child.kill()
}

if (process.argv[2] === 'server') await server()
else await client(Number(process.argv[2] ?? 1024))
