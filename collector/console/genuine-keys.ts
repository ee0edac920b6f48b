/** Keys of the collectors in the newest Trust that this admin's folder knows: for what a collector signed and is read without it. */
import type { Bytes } from '@backstay/proto/bytes'
import type { FleetId } from '@backstay/proto/object/id'
import { verifyTrustHistory } from '@backstay/proto/trust/trust'
import { type AdminOptions, requireFleet } from './admin.ts'
import { adminFolder, adminFolderPath } from './admin-folder.ts'
import type { Surroundings } from './surroundings.ts'

/** Throws `no_admin`, `founding_unfinished` and the codes of Trust. */
export async function genuineKeys(
  around: Surroundings,
  options: Pick<AdminOptions, 'admin'>,
): Promise<{ readonly fleet: FleetId; readonly keys: readonly Bytes[] }> {
  const p = around.primitives
  const { fleet, chain } = await requireFleet(adminFolder(p, adminFolderPath(around, options.admin)))
  const trust = (await verifyTrustHistory(p, chain, fleet)).at(-1)
  return { fleet, keys: trust?.document.collectors.map(({ key }) => key) ?? [] }
}
