/** What owners do with paper in their hands, in a terminal: where it stands, and the command that comes next. */
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import type { TrustDocument } from '@backstay/proto/trust/trust-shape'
import { Copied } from '../../parts/copied.tsx'
import { Note } from '../../parts/saying.tsx'
import { counted } from '../../words/bytes.ts'
import { shownRecord } from '../../words/records.ts'

export interface WaitingChangeProps {
  /** base64; the next version of Trust, as far as owners signed it. */
  readonly envelope: string
  readonly threshold: number
}

export function WaitingChange({ envelope, threshold }: WaitingChangeProps) {
  const next = shownRecord(envelope, decodeTrust)
  const signed = signaturesOf(envelope)
  return (
    <Note>
      <p>
        {next === undefined ? 'A change of Trust' : `Version ${next.version} of Trust`} waits: {signed} of{' '}
        {counted(threshold, 'owner')} signed it. Another owner reads what it does, and signs it too with the
        own paper:
      </p>
      <Copied text="backstay owners" />
      <Copied text="backstay owners confirm --kit OWNER-PAGE" />
    </Note>
  )
}

function signaturesOf(envelope: string): number {
  try {
    return decodeEnvelope(Uint8Array.fromBase64(envelope)).signatures.length
  } catch {
    return 0
  }
}

export interface KitStepsProps {
  readonly document: TrustDocument
  /** Version of Trust that brought the kit. */
  readonly kitSince: number
}

export function KitSteps({ document, kitSince }: KitStepsProps) {
  const { owners, threshold } = document
  return (
    <>
      {kitSince > 1 && (
        <>
          <p className="soft">
            The recovery kit was replaced with version {kitSince} of Trust. Each device seals its keys for it
            when it connects; until all did, the old kit is kept. This says who has, and when the old one may
            be destroyed:
          </p>
          <Copied text="backstay kit" />
        </>
      )}
      <p className="soft">
        Another recovery kit, where it is printed; interrupted, the same command goes on:
      </p>
      <Copied text="backstay kit replace --kit KIT-PAGE" />
      <p className="soft">
        {counted(owners.length, 'owner')}, of whom {threshold} must sign. Somebody becomes one by printing an
        owner page on their own machine; what it prints is handed over, and an owner signs it:
      </p>
      <Copied text="backstay owners request NAME" />
      <Copied text="backstay owners add REQUEST-FILE --kit OWNER-PAGE" />
    </>
  )
}
