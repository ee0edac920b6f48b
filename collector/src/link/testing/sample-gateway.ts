/** A collector in memory from the link inwards: real fleet, real vault, cables instead of sockets. */
import { connectAdmin, connectDevice, connectFounder, connectNewcomer } from '@backstay/agent/link/connect'
import type { Session } from '@backstay/agent/link/session'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { SigningKey } from '@backstay/proto/primitives'
import { type SimulatedClock, simulatedClock } from '@backstay/proto/simulated-clock'
import { type TestDevice, testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { Head, Witnessing } from '@backstay/proto/wire/frame'
import { type MemoryCable, memoryCable } from '@backstay/proto/wire/memory-transport'
import type { Connection } from '@backstay/proto/wire/transport'
import { type CollectorLog, openCollectorLog } from '../../audit/collector-log.ts'
import { type Fleet, openFleet } from '../../fleet/fleet.ts'
import { openLog } from '../../log.ts'
import { type SampleVault, sampleFleet, sampleVault } from '../../testing/sample-vault.ts'
import type { SetupCode } from '../admit.ts'
import { type Gateway, type GatewayOptions, openGateway } from '../gateway.ts'

export const sampleSetupCode = new Uint8Array(16).fill(0x5e)
/** The pin that `testTrustDocument` names. */
const spkiPin = new Uint8Array(32).fill(9)

export interface SampleGateway extends AsyncDisposable {
  readonly vault: SampleVault
  readonly fleet: Fleet
  readonly gateway: Gateway
  /** Follows only when told. */
  readonly auditLog: CollectorLog
  readonly clock: SimulatedClock
  /** Every log line so far. */
  readonly logged: () => string
  /** A new connection to the collector. */
  readonly cable: (remote?: string) => MemoryCable
  device(
    device: TestDevice,
    options?: {
      readonly head?: Head
      readonly trust?: VerifiedTrust
      readonly ratchet?: Bytes
      readonly witness?: Witnessing
    },
  ): Promise<Session>
  admin(key?: SigningKey, trust?: VerifiedTrust, witness?: Witnessing): Promise<Session>
  enroll(
    device: TestDevice,
    changes?: { grant?: Bytes; certificate?: Bytes; key?: SigningKey },
  ): Promise<Session>
  found(options?: { code?: Bytes; records?: readonly Bytes[]; key?: SigningKey }): Promise<Session>
}

export async function sampleGateway(
  options: Partial<GatewayOptions> & { readonly founded?: boolean } = {},
): Promise<SampleGateway> {
  const vault = await sampleVault()
  const clock = simulatedClock(testNowMs)
  const own = { key: sampleFleet.collector.publicKey, spkiPin }
  if (options.founded !== false) await vault.ingest.putRecord('fleet', sampleFleet.trust.envelope)
  const fleet = await openFleet({ p, sql: vault.sql, clock, ingest: vault.ingest, own })
  let lines = ''
  const log = openLog('debug', {
    write(line) {
      lines += line
    },
  })
  const auditLog = openCollectorLog({
    ...{ p, sql: vault.sql, clock, key: sampleFleet.collector, log },
    fleet: () => fleet.trust?.fleet,
  })
  const gateway = openGateway({
    auditLog,
    p,
    clock,
    key: sampleFleet.collector,
    fleet,
    setup: setupCode(options.founded === false),
    sql: vault.sql,
    ingest: vault.ingest,
    retrieve: vault.retrieve,
    log,
    handshakesPerMinute: 0,
    ...options,
  })

  const cable = (remote = 'memory:client') => {
    const made = memoryCable({ channelBinding: p.random(32), bufferBytes: 8 * 1024 * 1024 })
    gateway.accept({ ...made.server, remote })
    return made
  }
  const base = { urls: ['memory:'], primitives: p, clock, transport: { connect: async () => cable().client } }
  const stranger = { ...base, pins: [spkiPin], fleet: sampleFleet.trust.fleet }
  return {
    vault,
    fleet,
    gateway,
    auditLog,
    clock,
    logged: () => lines,
    cable,
    device: (device, { head, ratchet, witness, trust = sampleFleet.trust } = {}) =>
      connectDevice({ ...base, trust, signingKey: device.key, head, ratchet, witness }),
    admin: (key = sampleFleet.admin, trust = sampleFleet.trust, witness = undefined) =>
      connectAdmin({ ...base, trust, signingKey: key, witness }),
    enroll: (device, { grant, certificate, key } = {}) =>
      connectNewcomer({ ...stranger, signingKey: key ?? device.key }).enroll(
        grant ?? device.grantEnvelope,
        certificate ?? device.certificateEnvelope,
      ),
    found: ({
      code = sampleSetupCode,
      records = [sampleFleet.trust.envelope],
      key = sampleFleet.owner,
    } = {}) => connectFounder({ ...stranger, signingKey: key, collectorKey: own.key }).found(code, records),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await vault.close()
    },
  }
}

/** The clients of other collectors see the same cable. */
export function through(connection: Connection) {
  return { connect: async () => connection }
}

/** Somebody who is no member of the sample fleet. */
export const strangerKey = await testKey(p, 'stranger')

function setupCode(open: boolean): SetupCode {
  let isOpen = open
  return {
    get open() {
      return isOpen
    },
    matches: async code => equalBytes(code, sampleSetupCode),
    async close() {
      isOpen = false
    },
  }
}
