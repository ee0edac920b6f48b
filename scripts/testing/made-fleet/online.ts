/** Devices of a made fleet that hold a session with a real collector, each with a heartbeat now and then. */
import { connectDevice } from '@backstay/agent/link/connect'
import { wsTransport } from '@backstay/agent/link/ws-transport'
import { nodePrimitives as p } from '@backstay/proto/node'
import { systemClock as clock } from '@backstay/proto/system-clock'
import type { MadeFleet } from '../made-fleet.ts'
import { heartbeatOf, type MadeDevice } from './device.ts'

/** Handshakes at the same time. */
const together = 16
/** Theirs began to count long before. */
const firstNumber = 1_000

/** `link`: `wss://…`. Sessions end with the returned object. */
export async function keepOnline(
  link: string,
  { trust }: Pick<MadeFleet, 'trust'>,
  devices: readonly MadeDevice[],
): Promise<AsyncDisposable> {
  const opened = new AsyncDisposableStack()
  const transport = wsTransport({ clock })
  const connect = async (one: MadeDevice) => {
    const session = await connectDevice({
      ...{
        urls: [link],
        signingKey: one.key,
        primitives: p,
        clock,
        trust,
        transport,
        software: 'made fleet',
      },
    })
    opened.use(session)
    // What it had to say is as fresh as the session; its head is the one that the collector shows.
    const now = { ...one, fate: { ...one.fate, silentMs: 0 } }
    const sequence = session.welcome.headSequence
    await session.heartbeat(await heartbeatOf(trust, now, sequence, clock.now(), firstNumber))
  }
  for (let from = 0; from < devices.length; from += together) {
    await Promise.all(devices.slice(from, from + together).map(connect))
  }
  return opened
}
