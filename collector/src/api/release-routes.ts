/** Which releases are here, and which versions run. */
import { releaseRoutes } from '@backstay/proto/rest/releases'
import type { PackageStore } from '../releases/package-store.ts'
import { rolloutFacts, spreadOf, stateOf } from '../releases/rollout.ts'
import { type Answering, answering } from './answer.ts'
import type { ApiParts } from './parts.ts'

export interface ReleaseParts {
  readonly view: ApiParts['view']
  readonly clock: ApiParts['clock']
  /** Undefined: this collector knows no release key. */
  readonly packages: PackageStore | undefined
}

export function releaseRoutesOf({ view, clock, packages }: ReleaseParts): Answering[] {
  return [
    answering(releaseRoutes.releases, async () => {
      const devices = [...view.devices.values()]
      const nowMs = clock.now()
      const held = (await packages?.list()) ?? []
      return {
        hasKey: packages !== undefined,
        releases: held.map(one => {
          const { version, issuedAtMs, files } = one.release
          return {
            ...{ version, issuedAtMs },
            bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
            packages: files.map(({ program, target, format }) => `${program} ${target} ${format}`),
            state: stateOf(one, rolloutFacts(devices, version, nowMs)),
          }
        }),
        versions: spreadOf(devices, nowMs).toSorted((a, b) => b.devices - a.devices),
      }
    }),
  ]
}
