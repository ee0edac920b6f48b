/** All commands of `backstay`, in the order in which --help lists them. */
import type { Command } from 'commander'
import { alertsCommand } from './commands/alerts.ts'
import { apiTokenCommand } from './commands/api-token.ts'
import { auditCommand } from './commands/audit.ts'
import { consoleCommand } from './commands/console.ts'
import { devicesCommand } from './commands/devices.ts'
import { holdCommand, pinCommand } from './commands/hold.ts'
import { initCommand } from './commands/init.ts'
import { jobCommand } from './commands/job.ts'
import { lsCommand } from './commands/ls.ts'
import { peopleCommand } from './commands/people.ts'
import { policyCommand } from './commands/policy.ts'
import { proveCommand } from './commands/prove.ts'
import { recoverCommand } from './commands/recover.ts'
import { reportsCommand } from './commands/reports.ts'
import { restoreCommand } from './commands/restore.ts'
import { retentionCommand } from './commands/retention.ts'
import { searchCommand } from './commands/search.ts'
import { snapshotsCommand } from './commands/snapshots.ts'
import { tokenCommand } from './commands/token.ts'
import type { Surroundings } from './surroundings.ts'

export const commands: readonly ((around: Surroundings) => Command)[] = [
  initCommand,
  consoleCommand,
  tokenCommand,
  devicesCommand,
  alertsCommand,
  reportsCommand,
  auditCommand,
  policyCommand,
  jobCommand,
  snapshotsCommand,
  lsCommand,
  searchCommand,
  restoreCommand,
  retentionCommand,
  pinCommand,
  holdCommand,
  proveCommand,
  peopleCommand,
  apiTokenCommand,
  recoverCommand,
]
