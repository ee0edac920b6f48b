/** `backstay policy groups`. */
import { shownText, tableText } from '@backstay/agent/commands/text'
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { keyOf } from '@backstay/proto/policy/settings'
import { groupChain } from '@backstay/proto/policy/standing'
import { type Group, signGroup } from '@backstay/proto/trust/group'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { type FleetView, findGroup, fleetView } from './fleet-view.ts'
import { requireSoundGroup } from './group-rules.ts'
import { enact, orderOf } from './signing.ts'

interface MoveOptions extends CommonOptions {
  /** Commander: true without either option, false with `--no-parent`. */
  readonly parent?: string | boolean
  readonly yes?: boolean
}

export function groupsCommand(around: Surroundings): Command {
  const command = new Command('groups').description('groups of devices that share a layer')
  const list = new Command('list').description(
    'list groups, their parents and how many devices stand in each',
  )
  withCommonOptions(list).action((options: CommonOptions) => listGroups(around, options))
  const add = new Command('add')
    .description('make a group')
    .argument('<name>')
    .option('--parent <group>', 'the group that it stands in')
  withCommonOptions(add).action((name: string, options: CommonOptions & { readonly parent?: string }) =>
    changeGroup(around, options, view => ({
      id: around.primitives.random(16),
      name,
      parent: options.parent === undefined ? undefined : findGroup(view, options.parent).id,
      retired: false,
    })),
  )
  const rename = new Command('rename')
    .description('give a group another name')
    .argument('<group>')
    .argument('<name>')
  withCommonOptions(rename).action((group: string, name: string, options: CommonOptions) =>
    changeGroup(around, options, view => ({ ...findGroup(view, group), name })),
  )
  const move = new Command('move')
    .description('let a group stand in another one, or with --no-parent directly below the fleet')
    .argument('<group>')
    .option('--parent <group>', 'the group that it shall stand in')
    .option('--no-parent', 'in none')
    .option('--yes', 'do not ask')
  withCommonOptions(move).action((group: string, options: MoveOptions) =>
    changeGroup(around, options, view => {
      const { parent } = options
      if (parent === undefined || parent === true) {
        throw new Failure('which_group', 'into which group?', { hint: 'add --parent NAME, or --no-parent' })
      }
      return { ...findGroup(view, group), parent: parent === false ? undefined : findGroup(view, parent).id }
    }),
  )
  const retire = new Command('retire')
    .description('take back the layer of a group; its devices follow what stands above it')
    .argument('<group>')
    .option('--yes', 'do not ask')
  withCommonOptions(retire).action((group: string, options: CommonOptions) =>
    changeGroup(around, options, view => ({ ...findGroup(view, group), retired: true })),
  )
  return command
    .addCommand(list, { isDefault: true })
    .addCommand(add)
    .addCommand(rename)
    .addCommand(move)
    .addCommand(retire)
}

async function changeGroup(
  around: Surroundings,
  options: CommonOptions & { readonly yes?: boolean },
  change: (view: FleetView) => Pick<Group, 'id' | 'name' | 'parent' | 'retired'>,
): Promise<void> {
  await using session = await openAdminSession(around, options)
  const view = await fleetView(session)
  const { id, name, parent, retired } = change(view)
  requireSoundGroup(view.standing, { id, name, parent, retired })
  const before = view.orders.flatMap(({ order }) => (order.kind === 'group' ? order.order : []))
  const group: Group = { kind: 'group', order: orderOf(around, session, before), id, name, parent, retired }
  const sign = () => signGroup(session.primitives, group, session.admin.signingKey)
  const known = view.standing.groups.get(hex(id))
  const isMoved = known !== undefined && (known.parent && hex(known.parent)) !== (parent && hex(parent))
  // A new group and a new name change nothing for anybody.
  const yes = options.yes ?? (!retired && !isMoved)
  await enact(around, session, view, [group], [sign], name, { ...options, yes })
}

async function listGroups(around: Surroundings, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const view = await fleetView(session)
  const { groups } = view.standing
  const lines = [...groups.values()]
    .filter(group => !group.retired)
    .map(({ id, name, parent }) => ({
      ...{ id: hex(id), name, parent: parent && groups.get(hex(parent))?.name },
      devices: view.devices.filter(one =>
        groupChain(view.standing, one.place.device).some(group => hex(group.id) === hex(id)),
      ).length,
      settings: view.standing.policies.get(hex(id))?.settings.map(keyOf) ?? [],
    }))
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify(lines))
  if (lines.length === 0)
    return terminal.print('no group yet; make one with: backstay policy groups add NAME')
  const rows = lines.map(one => [
    shownText(one.name),
    one.parent === undefined ? '-' : shownText(one.parent),
    String(one.devices),
    one.settings.join(', ') || 'nothing',
  ])
  terminal.print(tableText(['group', 'in', 'devices', 'sets'], rows))
}
