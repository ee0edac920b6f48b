/** Tells the collector which orders are obeyed. Nothing else waits for that: it is told again by each heartbeat. */
import { isFailure } from '@backstay/proto/failure'
import type { Session } from './session.ts'

/** A collector whose disk is full keeps no word of it, and must still take and give back what it can. */
export async function tellObeyed(
  session: Pick<Session, 'obeyed' | 'ended'>,
  said: Parameters<Session['obeyed']>[0],
  signal?: AbortSignal,
): Promise<void> {
  try {
    await session.obeyed(said, signal)
  } catch (error) {
    if (session.ended.aborted || !isFailure(error) || error.remedy !== 'retry') throw error
  }
}
