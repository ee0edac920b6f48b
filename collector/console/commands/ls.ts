/** `backstay ls`: a folder of a device's snapshot. */
import { type ListOptions, printEntries } from '@backstay/agent/commands/browse'
import { utf8 } from '@backstay/proto/bytes'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { openArchive } from '../device-archive.ts'
import { type CommonOptions, type KitOption, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'

export function lsCommand(around: Surroundings): Command {
  const command = new Command('ls')
    .description('list a folder of a device')
    .argument('<device>', 'its name or id')
    .argument('[path]', 'absolute path on the device (default: the volume)')
    .option('--at <time>', 'the newest snapshot up to this time, or "#12" (default: the newest)')
    .option('--recursive', 'all that is below')
    .option('--unread', 'only what the backup could not read, with the reason')
  command.option('--kit <file>', 'unlock with the recovery kit instead of your own key')
  return withCommonOptions(command).action(
    async (device: string, path: string | undefined, options: CommonOptions & KitOption & ListOptions) => {
      const components = path === undefined ? undefined : componentsOf(utf8(path))
      await using session = await openAdminSession(around, options)
      await printEntries(
        await openArchive(session, device, options.kit),
        around.terminal,
        components,
        options,
      )
    },
  )
}
