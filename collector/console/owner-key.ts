/** The key of an owner is on paper, and is typed in for what only an owner may. */
import { equalBytes } from '@backstay/proto/bytes'
import { type OwnerPaper, requireKitOf } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'

/** Throws `wrong_kit`, and `wrong_role` for a kit that is no owner's now. */
export async function ownerKeyOf(p: Primitives, trust: VerifiedTrust, kit: OwnerPaper): Promise<SigningKey> {
  requireKitOf(kit, trust.fleet)
  const key = await p.signingKey(kit.ownerSeed)
  if (trust.document.owners.some(owner => equalBytes(owner.key, key.publicKey))) return key
  throw new Failure('wrong_role', 'this kit was replaced: its key is no owner any more', {
    hint: 'it still opens what devices sealed for it; for this, take the kit that replaced it',
  })
}
