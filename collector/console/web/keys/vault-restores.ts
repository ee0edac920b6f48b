/** Restores that a device does itself, signed here; and what it reported of them. */
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { snapshotNumbered } from '@backstay/proto/content/archive/opened'
import type { Path } from '@backstay/proto/content/map/key'
import type { DeviceId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { WishedPlace } from '@backstay/proto/trust/restore-wish'
import type { Wish } from '../../archive/basket.ts'
import { signRestore } from '../../drafts.ts'
import type { KeyHolder } from '../../key-holder.ts'
import { linkRecords } from '../../record-source.ts'
import type { RestLink } from '../../rest-link.ts'
import { openRestored, type Restored, reportOn } from '../../restored.ts'
import { certificateOf } from '../../unlock.ts'
import type { Unlocked } from './vault-archive.ts'

export interface RestoreParts {
  readonly primitives: Primitives
  readonly link: RestLink
  readonly now: () => number
  /** Throws `locked`. */
  readonly requireHolder: () => KeyHolder
  readonly unlockedDevice: (device: string) => Promise<Unlocked>
}

export function restoreAnswers({ primitives: p, link, now, requireHolder, unlockedDevice }: RestoreParts) {
  return {
    /**
     * Signs one job for each wish: the device restores into a new folder of its own choice, or where it was. `onto`: another device,
     * which replaces it.
     */
    async restoreThere(
      device: string,
      wishes: readonly Wish[],
      place: WishedPlace,
      onto?: string,
    ): Promise<readonly string[]> {
      const { device: unlocked, archive } = await unlockedDevice(device)
      const isLent = onto !== undefined && onto !== device
      const { history } = requireHolder()
      const certificate = isLent
        ? await certificateOf(p, linkRecords(link), history, onto as DeviceId)
        : unlocked.certificate
      const jobs: string[] = []
      for (const { sequence, path } of wishes) {
        const lent = isLent && { root: snapshotNumbered(archive, sequence).root }
        const wish = { snapshot: { kind: 'number', sequence }, place, ...lent } as const
        const { envelope, job } = await signRestore(
          requireHolder(),
          certificate,
          bytesOfPath(path),
          wish,
          now(),
          isLent ? unlocked.certificate.device : undefined,
        )
        await link.putRecord(envelope)
        jobs.push(hex(job))
      }
      return jobs
    },
    /** What the device reported of a restore that was signed with this key. Undefined: it has not, or says nothing of it. */
    async restored(device: string, job: string): Promise<Restored | undefined> {
      const { history, identity } = requireHolder()
      const certificate = await certificateOf(p, linkRecords(link), history, device as DeviceId)
      const report = await reportOn(p, link, certificate, job)
      return report && openRestored(identity, report)
    },
  }
}

/** `/home/ada`, as a device knows it. */
function bytesOfPath([volume, ...rest]: Path): Bytes {
  const slash = utf8('/')
  const parts = rest.flatMap((part, index) => (index === 0 ? [part] : [slash, part]))
  const all = [volume ?? slash, ...parts]
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of all) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
