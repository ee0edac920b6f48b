/** What owners and admins are called. */
import { hex } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'

/** By key id: the hash of the public key, in hex, as the log has it. */
export async function namesByKeyId(
  p: Pick<Primitives, 'sha256'>,
  { document }: VerifiedTrust,
): Promise<ReadonlyMap<string, string>> {
  const named = [
    ...document.owners.map(one => [one.key, one.label] as const),
    ...document.admins.map(one => [one.key, one.name] as const),
  ]
  const names = new Map<string, string>()
  for (const [key, name] of named) names.set(hex(await p.sha256(key)), name)
  return names
}
