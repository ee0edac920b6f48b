/** `backstay policy history`: who signed what, newest first, in words. */
import { shownText, tableText, timeText } from '@backstay/agent/commands/text'
import { type Bytes, hex } from '@backstay/proto/bytes'
import { addUp, type EffectivePolicy } from '@backstay/proto/policy/effective'
import type { Policy } from '@backstay/proto/policy/policy'
import type { StandingOrder } from '@backstay/proto/policy/standing'
import { openAdminSession } from '../admin.ts'
import type { Surroundings } from '../surroundings.ts'
import { changesBetween } from './change.ts'
import { type FleetView, fleetView } from './fleet-view.ts'
import { type TargetOptions, targetOf } from './target.ts'

export async function showHistory(around: Surroundings, options: TargetOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const view = await fleetView(session)
  const isAll = [options.fleet, options.group, options.device].every(one => one === undefined)
  const audience = isAll ? undefined : targetOf(view, options).audience.map(hex).join()
  const seen = new Map<string, Policy>()
  const lines = view.orders.flatMap(({ order, receivedAtMs, signer }) => {
    const own = order.kind === 'policy' ? order.order.audience.map(hex).join() : undefined
    if (!isAll && own !== audience) return []
    const before = seen.get(own ?? '-')
    if (order.kind === 'policy' && own !== undefined) seen.set(own, order)
    return { receivedAtMs, signer, number: order.order.sequence, what: whatText(view, order, before) }
  })
  const newest = lines.toReversed()
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify(newest))
  if (newest.length === 0) return terminal.print('nothing was signed yet')
  terminal.print(
    tableText(
      ['received', 'by', 'number', 'what'],
      newest.map(one => [timeText(one.receivedAtMs), shownText(one.signer), String(one.number), one.what]),
    ),
  )
}

function whatText(view: FleetView, order: StandingOrder, before: Policy | undefined): string {
  const groupName = (id: Bytes) =>
    `"${shownText(view.standing.groups.get(hex(id))?.name ?? hex(id).slice(0, 8))}"`
  if (order.kind === 'group')
    return `group "${shownText(order.name)}"${order.parent ? ` in ${groupName(order.parent)}` : ''}${order.retired ? ' retired' : ''}`
  if (order.kind === 'assignment')
    return `${order.devices.length} device(s) into ${order.group === undefined ? 'no group' : groupName(order.group)}`
  const source = { layer: 'fleet', id: '', name: '' } as const
  const alone = (policy: Policy | undefined): EffectivePolicy =>
    addUp(policy === undefined ? [] : [{ source, policy }])
  const changes = changesBetween(alone(before), alone(order))
  const [id] = order.order.audience
  const whose =
    id === undefined
      ? 'fleet'
      : (view.standing.groups.get(hex(id))?.name ??
        view.devices.find(one => one.place.device === hex(id))?.certificate.name ??
        'token')
  return `${shownText(whose)}: ${changes.map(({ setting, after }) => `${setting} = ${after ?? 'not set'}`).join('; ') || 'nothing'}`
}
