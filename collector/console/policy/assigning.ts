/** `backstay policy assign`: devices into a group, or into none. */
import { Failure } from '@backstay/proto/failure'
import { type Assignment, assignedMax, signAssignment } from '@backstay/proto/trust/assignment'
import { openAdminSession } from '../admin.ts'
import type { CommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { findGroup, findViewed, fleetView } from './fleet-view.ts'
import { enact, orderOf } from './signing.ts'

export interface AssignOptions extends CommonOptions {
  readonly group?: string | false
  readonly yes?: boolean
}

export async function assignDevices(
  around: Surroundings,
  names: readonly string[],
  options: AssignOptions,
): Promise<void> {
  if (options.group === undefined || (options.group as unknown) === true) {
    throw new Failure('which_group', 'into which group?', { hint: 'add --group NAME, or --no-group' })
  }
  await using session = await openAdminSession(around, options)
  const view = await fleetView(session)
  const devices = names.map(name => findViewed(view, name).place.device)
  const group = options.group === false ? undefined : findGroup(view, options.group)
  if (group?.retired) throw new Failure('retired_group', `group "${group.name}" is retired`)
  const before = view.orders.flatMap(({ order }) => (order.kind === 'assignment' ? order.order : []))
  const assignments: Assignment[] = []
  for (let first = 0; first < devices.length; first += assignedMax) {
    const order = orderOf(around, session, [...before, ...assignments.map(one => one.order)])
    assignments.push({
      kind: 'assignment',
      order,
      devices: devices.slice(first, first + assignedMax),
      group: group?.id,
    })
  }
  const envelopes = assignments.map(
    one => () => signAssignment(session.primitives, one, session.admin.signingKey),
  )
  await enact(around, session, view, assignments, envelopes, group?.name ?? 'none', options)
}
