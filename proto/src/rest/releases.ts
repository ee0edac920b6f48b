/** Releases of the agent: which the collector holds, which of them devices run and are to run. */
import { z } from 'zod'
import { everyRole, route } from './route.ts'
import { atMs, count } from './shapes.ts'

export const releaseItem = z.object({
  version: z.string(),
  issuedAtMs: atMs,
  bytes: count,
  /** As `linux-x64 deb`. */
  packages: z.array(z.string()),
  /** halted: devices that took it are worse than the others. stopped: somebody said so on the collector. */
  state: z.enum(['handed_out', 'halted', 'stopped']),
})
export type ReleaseItem = z.infer<typeof releaseItem>

export const versionItem = z.object({
  /** Empty: devices that have not said. */
  version: z.string(),
  devices: count,
  unwell: count,
  /** Devices whose policy names this version and that run another. */
  awaited: count,
  /** Devices that fetched it and were not heard since. */
  silent: count,
})
export type VersionItem = z.infer<typeof versionItem>

export const releases = z.object({
  /** Whether this collector knows a release key; without one it holds no release. */
  hasKey: z.boolean(),
  /** Newest first. */
  releases: z.array(releaseItem),
  versions: z.array(versionItem),
})
export type Releases = z.infer<typeof releases>

export const releaseRoutes = {
  releases: route('GET', '/releases', {
    ...{ tag: 'devices', access: everyRole, scope: 'fleet', answer: releases },
    summary: 'releases that are held here, and which versions devices run',
  }),
}
