/** All commands of backstay-collector, one file each. */
import { serveCommand } from './serve.ts'
import type { MakeCommand } from './surroundings.ts'

export const commands: readonly MakeCommand[] = [serveCommand]
