// Vectors of heartbeats: docs/protocol.md §8, signed as docs/format.md §9.1 says.
import { type Bytes, concat, hex } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'
import { signEnvelope } from '@backstay/proto/trust/envelope'
import {
  encodeHeartbeat,
  type Heartbeat,
  heartbeatBytesMax,
  refusedMax,
  signHeartbeat,
} from '@backstay/proto/trust/heartbeat'
import { testDevice, testFleet, testKey } from '@backstay/proto/trust/testing/fleet'
import { calmHeartbeat } from '@backstay/proto/trust/testing/heartbeat'
import { openBook } from './book.ts'

const hourMs = 3_600_000
const unknownField = Uint8Array.of(0xf8, 0x07, 1)

export async function writeHeartbeats(p: Primitives): Promise<void> {
  const book = openBook('trust-heartbeat.json', 'What devices say of themselves.')
  const fleet = await testFleet(p)
  const device = await testDevice(p, fleet, 'laptop')
  const other = await testDevice(p, fleet, 'server')
  const base = {
    fleet: fleet.trust.fleet,
    device: device.id,
    deviceKey: book.share('device key', device.key.publicKey),
  }
  const calm = calmHeartbeat(fleet, device)
  const verify = (name: string, envelope: Bytes, failure?: string) =>
    book.add(name, 'heartbeat.verify', { ...base, envelope: hex(envelope) }, failure)
  const signed = (changes: Partial<Heartbeat>) => signHeartbeat(p, { ...calm, ...changes }, device.key)
  const trouble = { code: 'permission_denied', count: 3, forMs: hourMs }
  const refused = { id: new Uint8Array(16).fill(7), code: 'old_order' }

  await verify('all is well', await signed({}))
  await verify(
    'nothing complete yet, and nothing watched',
    await signed({ sinceCompleteMs: undefined, watch: undefined }),
  )
  await verify(
    'much is wrong',
    await signed({
      ...{
        number: 2 ** 40,
        standing: new Uint8Array(32).fill(9),
        refused: [refused],
        unprotectedMs: 5 * hourMs,
      },
      ...{ paused: { forMs: hourMs, leftMs: 1, by: '' }, waiting: 'paused', failure: 'link_cut' },
      ...{
        unread: [trouble],
        roots: [{ ...trouble, code: 'emptied' }],
        alarms: [{ ...trouble, code: 'cloned' }],
      },
    }),
  )
  await verify(
    'a backup runs, on a machine that is known',
    await signed({
      waiting: '',
      running: { entries: 10, readBytes: 2 ** 40, sentBytes: 5, forMs: hourMs },
      vitals: {
        ...{ system: 'Debian 13', model: 'T480', disks: [{ bytes: 2 ** 40, freeBytes: 2 ** 30 }] },
        ...{ memoryBytes: 2 ** 34, memoryFreeBytes: 2 ** 30, batteryPercent: 0, charging: true },
        ...{ uptimeMs: hourMs, agentMemoryBytes: 2 ** 26, agentCpuMs: 1000 },
      },
    }),
  )
  await verify(
    'who works there, what the system keeps from the agent, and where its keys lie',
    await signed({
      ...{ user: 'ada', keyProtection: 'credential' },
      access: [{ code: 'full_disk_access', count: 1, forMs: hourMs }],
    }),
  )
  await verify(
    'paused from afar, by an admin',
    await signed({ paused: { forMs: hourMs, leftMs: hourMs, by: 'Ada Ames' }, waiting: 'paused' }),
  )
  await verify(
    'what waits',
    await signed({ queue: { everything: true, folders: 3, objects: 2, bytes: 2 ** 40 } }),
  )
  await verify('an agent that says nothing of what waits', await signed({ queue: undefined }))
  await verify('the last word', await signed({ leaving: true }))
  const payload = encodeHeartbeat(calm)
  const by = (bytes: Bytes) => signEnvelope(p, 'heartbeat', bytes, [device.key])
  await verify('with an unknown field', await by(concat(payload, unknownField)))
  await verify('signed by another device', await signHeartbeat(p, calm, other.key), 'bad_signature')
  await verify(
    'signed by a stranger',
    await signHeartbeat(p, calm, await testKey(p, 'stranger')),
    'bad_signature',
  )
  await verify('in the name of another device', await signed({ device: other.id }), 'bad_heartbeat')
  await verify('in another domain', await signEnvelope(p, 'commit', payload, [device.key]), 'wrong_kind')
  await verify('numbered 0', await signed({ number: 0 }), 'bad_heartbeat')
  await verify(
    'with an alarm that is no word',
    await signed({ alarms: [{ ...trouble, code: '/home/kim' }] }),
    'bad_heartbeat',
  )
  await verify('with a standing of 31 bytes', await signed({ standing: new Uint8Array(31) }), 'bad_heartbeat')
  const many = Array(refusedMax + 1).fill(refused)
  await verify('with too many refused orders', await signed({ refused: many }), 'bad_heartbeat')
  await verify('too long', await by(concat(payload, new Uint8Array(heartbeatBytesMax))), 'bad_heartbeat')
  await verify('cut short', await by(payload.subarray(0, payload.length - 1)), 'bad_heartbeat')
  book.write()
}
