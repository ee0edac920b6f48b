/** Since when the recovery kit is the one of today. What was sealed or proved before speaks of a kit that was replaced. */
import type { EscrowRecord } from './escrow-record.ts'
import type { Proof } from './proof.ts'
import type { VerifiedTrust } from './trust.ts'

/** The version of Trust that named today's kit first; 1 when it was never replaced. */
export function kitSince(history: readonly Pick<VerifiedTrust, 'document'>[]): number {
  const newest = history.at(-1)?.document
  const other = history.findLast(({ document }) => document.kitRecipient !== newest?.kitRecipient)
  return (other?.document.version ?? 0) + 1
}

/** By the word of the device that sealed it; only opening it is a proof. */
export function isSealedForKit(record: Pick<EscrowRecord, 'trustVersion'>, since: number): boolean {
  return record.trustVersion >= since
}

/** Whether a proof speaks of the keys that are of use today: one by a kit that was replaced says nothing of the kit in the safe. */
export function isOfToday({ way, order }: Pick<Proof, 'way' | 'order'>, since: number): boolean {
  return way === 'desk' || order.trustVersion >= since
}
