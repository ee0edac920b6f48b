import { Failure } from '@backstay/proto/failure'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { blob, fleetIdFrom } from './blob.ts'
import type { Sql } from './sql.ts'

/** Whose object it is: a device, or `fleetDomain` for what belongs to all. */
export type Domain = DeviceId
export const fleetDomain = '0'.repeat(32) as Domain

/** A data folder holds one vault. */
export const firstVault = 1

/** Undefined until the fleet's first Trust document has been stored. */
export async function fleetOfVault(sql: Sql, vault: number): Promise<FleetId | undefined> {
  const [row] = await sql.query<{ fleet: Uint8Array | null }>('select fleet from vaults where vault = ?', [
    vault,
  ])
  return row?.fleet ? fleetIdFrom(row.fleet) : undefined
}

/** Throws `wrong_fleet` when the vault belongs to another fleet. */
export async function foundVault(sql: Sql, vault: number, fleet: FleetId): Promise<void> {
  await sql.run('insert into vaults (vault, fleet) values (?, ?) on conflict (vault) do nothing', [
    vault,
    blob(fleet),
  ])
  const known = await fleetOfVault(sql, vault)
  if (known !== fleet) {
    throw new Failure('wrong_fleet', `this collector serves fleet "${known}", not "${fleet}"`)
  }
}
