/** Releases that are held and versions that run, as one table. */
import type { ReleaseItem, Releases, VersionItem } from '@backstay/proto/rest/releases'

export interface Row {
  readonly version: string
  readonly spread: VersionItem | undefined
  readonly release: ReleaseItem | undefined
}

/** Newest first; devices that have not said come last. */
export function rowsOf({ releases, versions }: Releases): readonly Row[] {
  const names = new Set([...releases.map(one => one.version), ...versions.map(one => one.version)])
  return [...names]
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map(version => ({
      version,
      spread: versions.find(one => one.version === version),
      release: releases.find(one => one.version === version),
    }))
}
