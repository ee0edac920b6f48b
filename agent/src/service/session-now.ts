/** A session that has published since its welcome: what the collector holds as our newest commit is asked again. */
import { decodeWhole } from '@backstay/proto/object/header'
import type { DeviceId } from '@backstay/proto/object/id'
import { decodeCommit } from '@backstay/proto/trust/commit'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import type { Session } from '../link/session.ts'

export async function sessionNow(session: Session, device: DeviceId): Promise<Session> {
  let newest: { readonly head: Session['welcome']['head']; readonly headSequence: number } = {
    head: undefined,
    headSequence: 0,
  }
  for await (const { id, stored } of session.listSnapshots(device, { limit: 1 })) {
    const { sequence } = decodeCommit(decodeEnvelope(decodeWhole(stored).body).payload)
    newest = { head: id, headSequence: sequence }
  }
  return { ...session, welcome: { ...session.welcome, ...newest } }
}
