/** All commands of backstay-collector, one file each. */
import { checkStoreCommand } from './check-store.ts'
import { collectCommand } from './collect.ts'
import { rebuildCommand } from './rebuild.ts'
import { scrubCommand } from './scrub.ts'
import { serveCommand } from './serve.ts'
import type { MakeCommand } from './surroundings.ts'

export const commands: readonly MakeCommand[] = [
  serveCommand,
  scrubCommand,
  collectCommand,
  rebuildCommand,
  checkStoreCommand,
]
