/** A device's own archive: its keys of every epoch, its commits, its objects. */
import { type EpochKeys, epochKeys } from '@backstay/proto/content/keys'
import type { Agent } from '../agent.ts'
import type { Session } from '../link/session.ts'
import type { Archive } from './browse.ts'

export async function ownArchive(agent: Agent, session: Session): Promise<Archive> {
  const { primitives, identity, signingKey } = agent
  const { epochs, borderSecret } = identity.secrets
  const keys = new Map<number, EpochKeys>()
  for (const { epoch, deviceSecret } of epochs) {
    keys.set(epoch, await epochKeys(primitives, deviceSecret, borderSecret, epoch))
  }
  return {
    primitives,
    keys: [...keys.values()],
    reader: { primitives, deviceKey: signingKey.publicKey, keysOf: epoch => keys.get(epoch) },
    source: { get: ids => session.get(ids) },
    records: () => session.listSnapshots(identity.device),
    head: Math.max(agent.head.sequence, session.welcome.headSequence),
  }
}
