/** All commands of backstay-collector, in the order in which --help lists them. Only the code of the one that is called is loaded. */
import type { MakeCommand } from './surroundings.ts'

const commands: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  'next-keys': async () => (await import('./next-keys.ts')).nextKeysCommand,
  scrub: async () => (await import('./scrub.ts')).scrubCommand,
  collect: async () => (await import('./collect.ts')).collectCommand,
  rebuild: async () => (await import('./rebuild.ts')).rebuildCommand,
  release: async () => (await import('./release.ts')).releaseCommand,
  'check-store': async () => (await import('./check-store.ts')).checkStoreCommand,
}

/** `name`: the first word of the command line. All, to be listed, when it is no command's. */
export async function commandsFor(name = ''): Promise<readonly MakeCommand[]> {
  if (name === '--version' || name === '-V') return []
  const wanted = Object.hasOwn(commands, name) ? [commands[name]] : Object.values(commands)
  return Promise.all(wanted.flatMap(load => (load === undefined ? [] : [load()])))
}
