/** All commands of `backstay`, in the order in which --help lists them. */
import type { CommandTable } from '@backstay/agent/commands/called'
import type { Command } from 'commander'
import type { Surroundings } from './surroundings.ts'

export const commands: CommandTable<(around: Surroundings) => Command> = {
  init: async () => (await import('./commands/init.ts')).initCommand,
  console: async () => (await import('./commands/console.ts')).consoleCommand,
  token: async () => (await import('./commands/token.ts')).tokenCommand,
  devices: async () => (await import('./commands/devices.ts')).devicesCommand,
  retire: async () => (await import('./commands/retire.ts')).retireCommand,
  erase: async () => (await import('./commands/erase.ts')).eraseCommand,
  alerts: async () => (await import('./commands/alerts.ts')).alertsCommand,
  reports: async () => (await import('./commands/reports.ts')).reportsCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  admins: async () => (await import('./commands/admins.ts')).adminsCommand,
  owners: async () => (await import('./commands/owners.ts')).ownersCommand,
  kit: async () => (await import('./commands/kit.ts')).kitCommand,
  'collector-key': async () => (await import('./commands/collector-key.ts')).collectorKeyCommand,
  policy: async () => (await import('./commands/policy.ts')).policyCommand,
  job: async () => (await import('./commands/job.ts')).jobCommand,
  snapshots: async () => (await import('./commands/snapshots.ts')).snapshotsCommand,
  ls: async () => (await import('./commands/ls.ts')).lsCommand,
  search: async () => (await import('./commands/search.ts')).searchCommand,
  restore: async () => (await import('./commands/restore.ts')).restoreCommand,
  retention: async () => (await import('./commands/retention.ts')).retentionCommand,
  pin: async () => (await import('./commands/hold.ts')).pinCommand,
  hold: async () => (await import('./commands/hold.ts')).holdCommand,
  prove: async () => (await import('./commands/prove.ts')).proveCommand,
  people: async () => (await import('./commands/people.ts')).peopleCommand,
  'api-token': async () => (await import('./commands/api-token.ts')).apiTokenCommand,
  recover: async () => (await import('./commands/recover.ts')).recoverCommand,
}
