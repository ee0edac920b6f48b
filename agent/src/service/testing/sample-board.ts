/** A board on which nothing happens by itself: an enrolled device, a clock that stands still, a collector that listens. */

import type { Bytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { type SimulatedClock, simulatedClock } from '@backstay/proto/simulated-clock'
import { type Heartbeat, verifyHeartbeat } from '@backstay/proto/trust/heartbeat'
import { testDevice, testFleet, testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { Agent } from '../../agent.ts'
import { noHead } from '../../keys/identity.ts'
import type { SmallFiles } from '../../keys/small-files.ts'
import type { MemberLink } from '../../link/member.ts'
import { noOrders, obey } from '../../policy/obey.ts'
import { type Board, board } from '../board.ts'
import { emptyRecord, type ServiceRecord } from '../record.ts'

const fleet = await testFleet(p)
const laptop = await testDevice(p, fleet, 'laptop')

const place = { device: laptop.id, grantId: laptop.certificate.grantId }
const obedience = await obey(p, { place, trust: fleet.trust, nowMs: testNowMs, known: noOrders })

function smallFilesInMemory(): SmallFiles {
  const files = new Map<string, Bytes>()
  return {
    write: async (path, bytes) => void files.set(path, bytes),
    read: async path => files.get(path),
    remove: async path => files.delete(path),
  }
}

export interface SampleBoard {
  readonly board: Board
  readonly clock: SimulatedClock
  /** What the collector was told, each verified. */
  readonly heard: Heartbeat[]
  /** Thrown at the next heartbeats. */
  refuse: (heartbeat: Heartbeat) => void
  connect(welcomeMs?: number): void
}

export function sampleBoard(record: ServiceRecord = emptyRecord, nowMs = testNowMs): SampleBoard {
  const clock = simulatedClock(nowMs)
  const agent = {
    ...{ primitives: p, clock, signingKey: laptop.key, state: '/nowhere', trust: fleet.trust },
    identity: { fleet: fleet.trust.fleet, device: laptop.id, secrets: { epochs: [{ epoch: 1 }] } },
    identities: { readHead: async () => noHead },
    secrets: { kind: async () => 'file' },
    files: smallFilesInMemory(),
  } as unknown as Agent
  const made = board(agent, obedience, record)
  const sender = { fleet: fleet.trust.fleet, device: laptop.id, deviceKey: laptop.key.publicKey }
  const sample: SampleBoard = {
    ...{ board: made, clock, heard: [], refuse: () => undefined },
    connect(welcomeMs = testNowMs) {
      const session = {
        welcome: { nowMs: welcomeMs },
        inFlight: { objects: 0, bytes: 0 },
        async heartbeat(envelope: Bytes) {
          const heartbeat = await verifyHeartbeat(p, envelope, sender)
          sample.refuse(heartbeat)
          sample.heard.push(heartbeat)
          return clock.now()
        },
      }
      made.link = { session } as unknown as MemberLink
      made.changed.ring()
    },
  }
  return sample
}
