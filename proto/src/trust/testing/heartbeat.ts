import type { Bytes } from '../../bytes.ts'
import type { Primitives } from '../../primitives.ts'
import { type Heartbeat, signHeartbeat } from '../heartbeat.ts'
import { type TestDevice, type TestFleet, testNowMs } from './fleet.ts'

/** What a device says when all is well. */
export function calmHeartbeat(fleet: TestFleet, device: Pick<TestDevice, 'id'>): Heartbeat {
  return {
    fleet: fleet.trust.fleet,
    device: device.id,
    number: 1,
    sentAtMs: testNowMs,
    agentVersion: '0.1.0',
    platform: 'linux x64',
    seenTrust: 1,
    standing: undefined,
    refused: [],
    headSequence: 1,
    escrowEpoch: 1,
    leaving: false,
    sinceCompleteMs: 60_000,
    unprotectedMs: undefined,
    paused: undefined,
    waiting: 'nothing_due',
    failure: '',
    unread: [],
    roots: [],
    alarms: [],
    watch: { roots: 1, native: 1, polled: 0, absent: 0, folders: 12, unwatched: 0, missed: 0 },
    queue: { everything: false, folders: 0, objects: 0, bytes: 0 },
    running: undefined,
    vitals: undefined,
    checkpoint: undefined,
    forkedFrom: undefined,
    user: '',
    access: [],
    keyProtection: '',
  }
}

export function testHeartbeat(
  p: Primitives,
  fleet: TestFleet,
  device: Pick<TestDevice, 'id' | 'key'>,
  changes: Partial<Heartbeat> = {},
): Promise<Bytes> {
  return signHeartbeat(p, { ...calmHeartbeat(fleet, device), ...changes }, device.key)
}
