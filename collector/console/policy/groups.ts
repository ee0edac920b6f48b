/** `backstay policy groups`. */
import { shownText, tableText } from '@backstay/agent/commands/text'
import { hex, utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { keyOf } from '@backstay/proto/policy/settings'
import { groupChain, groupDepthMax } from '@backstay/proto/policy/standing'
import { isPrintable } from '@backstay/proto/trust/fields'
import { type Group, signGroup } from '@backstay/proto/trust/group'
import { nameBytesMax } from '@backstay/proto/trust/key-fields'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { type FleetView, findGroup, fleetView } from './fleet-view.ts'
import { enact, orderOf } from './signing.ts'

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
      name: freeName(view, name),
      parent: options.parent === undefined ? undefined : shallow(view, findGroup(view, options.parent)).id,
      retired: false,
    })),
  )
  const rename = new Command('rename')
    .description('give a group another name')
    .argument('<group>')
    .argument('<name>')
  withCommonOptions(rename).action((group: string, name: string, options: CommonOptions) =>
    changeGroup(around, options, view => ({ ...findGroup(view, group), name: freeName(view, name) })),
  )
  const retire = new Command('retire')
    .description('take back the layer of a group; its devices follow what stands above it')
    .argument('<group>')
    .option('--yes', 'do not ask')
  withCommonOptions(retire).action((group: string, options: CommonOptions) =>
    changeGroup(around, options, view => ({ ...findGroup(view, group), retired: true })),
  )
  return command.addCommand(list, { isDefault: true }).addCommand(add).addCommand(rename).addCommand(retire)
}

async function changeGroup(
  around: Surroundings,
  options: CommonOptions & { readonly yes?: boolean },
  change: (view: FleetView) => Pick<Group, 'id' | 'name' | 'parent' | 'retired'>,
): Promise<void> {
  await using session = await openAdminSession(around, options)
  const view = await fleetView(session)
  const { id, name, parent, retired } = change(view)
  const before = view.orders.flatMap(({ order }) => (order.kind === 'group' ? order.order : []))
  const group: Group = { kind: 'group', order: orderOf(around, session, before), id, name, parent, retired }
  const sign = () => signGroup(session.primitives, group, session.admin.signingKey)
  // A new group and a new name change nothing for anybody.
  const yes = options.yes ?? !retired
  await enact(around, session, view, [group], [sign], name, { ...options, yes })
}

function freeName({ standing }: FleetView, name: string): string {
  if (name.trim() === '' || utf8(name).length > nameBytesMax || !isPrintable(name)) {
    throw new Failure('bad_name', `the name of a group must have 1 to ${nameBytesMax} printable bytes`)
  }
  if ([...standing.groups.values()].some(group => group.name === name && !group.retired)) {
    throw new Failure('name_taken', `there is a group "${name}" already`)
  }
  return name
}

function shallow({ standing }: FleetView, parent: Group): Group {
  let depth = 1
  for (let up = parent.parent; up !== undefined && depth < groupDepthMax; depth++)
    up = standing.groups.get(hex(up))?.parent
  if (depth < groupDepthMax) return parent
  throw new Failure('too_deep', `groups stand in one another at most ${groupDepthMax} deep`)
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
