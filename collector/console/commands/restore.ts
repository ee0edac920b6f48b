/** `backstay restore`: gets a lost folder back without its device. */
import { type RestoreCommandOptions, restoreInto } from '@backstay/agent/commands/browse'
import { loadSystem } from '@backstay/agent/system/load'
import { utf8 } from '@backstay/proto/bytes'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { openArchive } from '../device-archive.ts'
import { type CommonOptions, type KitOption, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'

export function restoreCommand(around: Surroundings): Command {
  const command = new Command('restore')
    .description("restore a device's file or folder into a folder here, without the device")
    .argument('<device>', 'its name or id')
    .argument('<path>', 'absolute path on the device; / is everything')
    .requiredOption('--to <dir>', 'the folder to restore into; made when it is not there')
    .option('--at <time>', 'the newest snapshot up to this time, or "#12" (default: the newest)')
    .option('--as-root', 'give back owners, set-id bits, device nodes and capabilities too')
  command.option('--kit <file>', 'unlock with the recovery kit instead of your own key')
  return withCommonOptions(command).action(
    async (device: string, path: string, options: CommonOptions & KitOption & RestoreCommandOptions) => {
      const components = componentsOf(utf8(path))
      const system = await loadSystem()
      await using session = await openAdminSession(around, options)
      const archive = await openArchive(session, device, options.kit)
      await restoreInto(archive, system, around.terminal, components, { ...options, signal: around.signal })
    },
  )
}
