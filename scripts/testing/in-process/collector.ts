/** A collector in this process, from the link inwards: store, catalog, clock and cables are the caller's. */
import { openCollectorLog } from '@backstay/collector/audit/collector-log'
import { type Fleet, openFleet } from '@backstay/collector/fleet/fleet'
import { type FleetView, fleetView } from '@backstay/collector/fleet/fleet-view'
import { openGateway } from '@backstay/collector/link/gateway'
import type { Log } from '@backstay/collector/log'
import { silentLog } from '@backstay/collector/log'
import { openVault, type Vault, type VaultOptions } from '@backstay/collector/upkeep/open-vault'
import type { Clock } from '@backstay/proto/clock'
import type { TestFleet } from '@backstay/proto/trust/testing/fleet'
import type { Connection } from '@backstay/proto/wire/transport'

export interface CollectorInProcess {
  readonly vault: Vault
  readonly fleet: Fleet
  /** Nobody looks by himself. */
  readonly view: FleetView
  /** Takes over the server's end of a cable. */
  accept(connection: Connection): void
  /** Says farewell to everyone and seals the packs. */
  close(): Promise<void>
}

export interface CollectorOptions extends VaultOptions {
  readonly fleet: TestFleet
  readonly log?: Log
  /** For the sessions alone; else the one of all. */
  readonly gatewayClock?: Clock
}

/** TLS is not spoken here: the pin is the one that `testTrustDocument` names. */
const spkiPin = new Uint8Array(32).fill(9)

export async function collectorInProcess(options: CollectorOptions): Promise<CollectorInProcess> {
  const { p, sql, clock, log = silentLog } = options
  const vault = await openVault(options)
  const { trust, collector: key } = options.fleet
  const { ingest, retrieve } = vault
  if (vault.replayed.packs === 0) await ingest.putRecord('fleet', trust.envelope)
  const own = { key: key.publicKey, spkiPin }
  const auditLog = openCollectorLog({
    p,
    sql,
    clock,
    key,
    fleet: () => trust.fleet,
    log,
  })
  const fleet = await openFleet({ p, sql, clock, ingest, own })
  const gateway = openGateway({
    ...{
      p,
      clock: options.gatewayClock ?? clock,
      sql,
      ingest,
      retrieve,
      auditLog,
      log,
      key,
      handshakesPerMinute: 0,
    },
    fleet,
    setup: { open: false, matches: async () => false, close: async () => undefined },
  })
  return {
    vault,
    fleet,
    view: fleetView({ p, sql, clock, fleet, onlineSinceMs: gateway.onlineSinceMs }),
    accept: connection => gateway.accept(connection),
    async close() {
      await gateway.close()
      await vault.close()
    },
  }
}
