/** Names of policy settings for people. */
const titles: Readonly<Record<string, string>> = {
  excludes: 'Left out everywhere',
  retention: 'Snapshots kept',
  schedule: 'When',
  rates: 'Speed limits',
  battery: 'On battery, not below',
  metered: 'Over metered links',
  hooks: 'Hooks',
  pause: 'Employees may pause',
  restore: 'Employees may restore',
  objective: 'Objective',
  reconcile: 'Everything is read again',
  version: 'Version of the agent',
}

/** `sets.home` → `Backup set home`. */
export function settingTitle(key: string): string {
  if (key.startsWith('sets.')) return `Backup set ${key.slice('sets.'.length)}`
  return titles[key] ?? key
}
