/** The keyring: the desk identity, sealed for each restore admin. */

import type { Bytes } from '@backstay/proto/bytes'
import { fromUtf8 } from '@backstay/proto/bytes'
import { type Identity, openWith, recipientOf } from '@backstay/proto/content/age'
import { Failure, isFailure } from '@backstay/proto/failure'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeKeyring } from '@backstay/proto/trust/keyring'
import type { VerifiedTrust } from '@backstay/proto/trust/trust'
import type { RecordSource } from './record-source.ts'

/** The desk identities that the keyring holds for this admin, newest first; throws `no_keyring`. */
export async function deskIdentities(
  records: RecordSource,
  history: readonly VerifiedTrust[],
  identity: Identity,
): Promise<Identity[]> {
  // An identity counts when owners named its recipient in Trust: that says more than any signature on the keyring.
  const recipients = new Set(history.map(trust => trust.document.deskRecipient))
  const found: Identity[] = []
  for await (const envelope of records.keyrings()) {
    const desk = await deskIn(envelope, identity)
    // One that was wrapped anew is in several.
    if (desk === undefined || found.includes(desk)) continue
    if (recipients.has(await recipientOf(desk))) found.unshift(desk)
  }
  if (found.length > 0) return found
  throw new Failure('no_keyring', 'no keyring of this fleet opens with this admin key', {
    hint: 'a restore admin must wrap it for you, or use the recovery kit: --kit FILE',
  })
}

async function deskIn(envelope: Bytes, identity: Identity): Promise<Identity | undefined> {
  try {
    const { file } = decodeKeyring(decodeEnvelope(envelope).payload)
    const desk = fromUtf8(await openWith([identity], file)).trim()
    await recipientOf(desk)
    return desk
  } catch (error) {
    // Sealed for others, damaged or made up: not our keyring. `deskIdentities` fails when none is left.
    if (isFailure(error) || error instanceof TypeError) return undefined
    throw error
  }
}
