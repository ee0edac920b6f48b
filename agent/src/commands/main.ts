/** The command `backstay-agent`. */
import { Command } from 'commander'
import { agentVersion } from '../agent.ts'
import { addBackup } from './backup.ts'
import { addEnroll } from './enroll.ts'
import { addLs } from './ls.ts'
import { addOpen } from './open.ts'
import { addPause, addResume } from './pause.ts'
import { addPolicy } from './policy.ts'
import { runProgram, terminal } from './program.ts'
import { addRestore } from './restore.ts'
import { addRun } from './run.ts'
import { addSnapshots } from './snapshots.ts'
import { addStatus } from './status.ts'
import { addVerify } from './verify.ts'

const program = new Command('backstay-agent')
  .description('backs up this device, sealed before it leaves')
  .version(agentVersion)
for (const add of [
  addEnroll,
  addRun,
  addBackup,
  addPause,
  addResume,
  addSnapshots,
  addLs,
  addRestore,
  addVerify,
  addStatus,
  addOpen,
  addPolicy,
])
  add(program, terminal)
process.exitCode = await runProgram(program, process.argv.slice(2))
