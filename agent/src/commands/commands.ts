/** All commands of `backstay-agent`, in the order in which --help lists them. */
import type { Terminal } from '@backstay/proto/command-line'
import type { Command } from 'commander'
import type { CommandTable } from './called.ts'

export const commands: CommandTable<(program: Command, terminal: Terminal) => void> = {
  enroll: async () => (await import('./enroll.ts')).addEnroll,
  run: async () => (await import('./run.ts')).addRun,
  backup: async () => (await import('./backup.ts')).addBackup,
  pause: async () => (await import('./pause.ts')).addPause,
  resume: async () => (await import('./pause.ts')).addResume,
  snapshots: async () => (await import('./snapshots.ts')).addSnapshots,
  ls: async () => (await import('./ls.ts')).addLs,
  restore: async () => (await import('./restore.ts')).addRestore,
  verify: async () => (await import('./verify.ts')).addVerify,
  status: async () => (await import('./status.ts')).addStatus,
  keys: async () => (await import('./keys.ts')).addKeys,
  open: async () => (await import('./open.ts')).addOpen,
  update: async () => (await import('./update.ts')).addUpdate,
  trust: async () => (await import('./trust.ts')).addTrust,
  'poll-folders': async () => (await import('./poll-folders.ts')).addPollFolders,
  policy: async () => (await import('./policy.ts')).addPolicy,
}
