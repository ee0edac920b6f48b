/** `backstay policy`: what devices are to do, layer by layer; what a change does is said before it is signed. */
import { Command } from 'commander'
import { collect } from '../backup-set.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import { type AssignOptions, assignDevices } from '../policy/assigning.ts'
import { diffLayer, type EditOptions, editLayer } from '../policy/editing.ts'
import { groupsCommand } from '../policy/groups.ts'
import { showHistory } from '../policy/history.ts'
import { showPolicy } from '../policy/showing.ts'
import type { TargetOptions } from '../policy/target.ts'
import type { Surroundings } from '../surroundings.ts'

export function policyCommand(around: Surroundings): Command {
  const command = new Command('policy').description(
    'what devices back up, when, how gently, and for how long',
  )
  const show = new Command('show')
    .description(
      'show what holds for a device or a group, and which layer says it; without a name the layer of the fleet',
    )
    .argument('[name]', 'a device or a group')
  withCommonOptions(show).action((name: string | undefined, options: CommonOptions) =>
    showPolicy(around, name, options),
  )

  const edit = withEditOptions(
    new Command('edit').description('change a layer: says what it will do, asks, signs, and rolls it out'),
  )
    .option('--days <count>', 'devices say that it is stale after so many days (default: never)')
    .option('--yes', 'do not ask')
    .action((options: EditOptions) => editLayer(around, options))
  const diff = withEditOptions(
    new Command('diff').description('say what a change would do, and sign nothing'),
  ).action((options: EditOptions) => diffLayer(around, options))

  const assign = new Command('assign')
    .description('put devices into a group, or with --no-group into none')
    .argument('<device...>', 'names or ids')
    .option('--group <name>', 'the group')
    .option('--no-group', 'in no group')
    .option('--yes', 'do not ask')
  withCommonOptions(assign).action((devices: readonly string[], options: AssignOptions) =>
    assignDevices(around, devices, options),
  )

  const history = withTarget(new Command('history').description('list what was signed, newest first'))
  withCommonOptions(history).action((options: TargetOptions) => showHistory(around, options))
  return command
    .addCommand(show)
    .addCommand(edit)
    .addCommand(diff)
    .addCommand(assign)
    .addCommand(history)
    .addCommand(groupsCommand(around))
}

function withTarget(command: Command): Command {
  return command
    .option('--fleet', 'the layer of the whole fleet (default)')
    .option('--group <name>', 'the layer of a group')
    .option('--device <name>', 'the layer of one device')
}

function withEditOptions(command: Command): Command {
  return withCommonOptions(
    withTarget(command)
      .option(
        '--file <file>',
        'the whole layer as YAML; "backstay policy show --json" and your editor show the form',
      )
      .option('--set <key=value>', 'one setting, such as "schedule=every 4h" (repeatable)', collect)
      .option('--unset <key>', 'take a setting out of the layer (repeatable)', collect)
      .option('--lock <key>', 'layers further in cannot change it (repeatable)', collect)
      .option('--unlock <key>', 'they can again (repeatable)', collect),
  )
}
