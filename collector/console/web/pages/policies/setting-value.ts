/** The kinds of settings, by the word that crosses the API. */
import type { Setting, SettingKind } from '@backstay/proto/policy/settings'

export type { Setting } from '@backstay/proto/policy/settings'

const kinds: Readonly<Record<SettingKind, true>> = {
  ...{ backupSet: true, excludes: true, retention: true, schedule: true, rates: true, battery: true },
  ...{ metered: true, hooks: true, pause: true, restore: true, objective: true, reconcile: true },
  version: true,
}

/** Throws for a kind that this page is too old for. */
export function settingsNamed(kind: string): Setting['kind'] {
  if (Object.hasOwn(kinds, kind)) return kind as SettingKind
  throw new Error(`this page knows no setting "${kind}"; load it anew`)
}
