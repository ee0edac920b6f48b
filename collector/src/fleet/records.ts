/** Whether a signed envelope that an admin brings may be kept: who had to sign it did, and it is meant for this fleet. */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeEnvelope, kindOf, type PayloadKind } from '@backstay/proto/trust/envelope'
import {
  type OrderContext,
  verifyAssignment,
  verifyErase,
  verifyGrant,
  verifyGroup,
  verifyHold,
  verifyKeyring,
  verifyPolicy,
  verifyProof,
  verifyRevoke,
  verifySignedJob,
} from '@backstay/proto/trust/orders'
import { verifyParcel } from '@backstay/proto/trust/parcel'

type Verifier = (p: Primitives, envelope: Bytes, context: OrderContext) => Promise<unknown>

/** Trust is verified by its keeper, an escrow by ingest, which knows the device's key. */
const verifiers: Readonly<Partial<Record<PayloadKind, Verifier>>> = {
  policy: verifyPolicy,
  group: verifyGroup,
  assignment: verifyAssignment,
  grant: verifyGrant,
  revoke: verifyRevoke,
  keyring: verifyKeyring,
  proof: verifyProof,
  hold: verifyHold,
  erase: verifyErase,
  job: verifySignedJob,
  parcel: verifyParcel,
}

/** Throws `wrong_kind`, `not_authorized`, `expired`, `wrong_fleet`, `trust_behind` and the decoders' codes. */
export async function verifyRecord(
  p: Primitives,
  envelope: Bytes,
  context: OrderContext,
): Promise<PayloadKind> {
  const kind = kindOf(decodeEnvelope(envelope))
  const verify = verifiers[kind]
  if (verify === undefined) throw new Failure('wrong_kind', `a signed ${kind} does not come this way`)
  await verify(p, envelope, context)
  return kind
}
