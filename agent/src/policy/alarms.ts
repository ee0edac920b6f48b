/** What people must hear of about the policy, though protection goes on. Codes never change. */
import { hex } from '@backstay/proto/bytes'
import type { Alarm } from '../alarm.ts'
import type { Obedience } from './obey.ts'

export function policyAlarms({ orders, policy, refused }: Obedience, nowMs: number): Alarm[] {
  const alarms: Alarm[] = refused.map(({ id, code }) => ({
    code: 'order_refused',
    message: `the collector shows an order${id === undefined ? '' : ` (${hex(id).slice(0, 8)})`} that is not obeyed: ${reasons[code] ?? code}`,
  }))
  const ended = orders.filter(({ order }) => order.expiresAtMs !== 0 && nowMs >= order.expiresAtMs)
  const [first] = ended.sort((a, b) => a.order.expiresAtMs - b.order.expiresAtMs)
  if (first !== undefined) {
    const since = new Date(first.order.expiresAtMs).toISOString().slice(0, 10)
    alarms.push({
      code: 'policy_stale',
      message: `the policy ended on ${since}; it is obeyed until an admin signs another`,
    })
  }
  if (policy.isNewer) {
    const message = 'the policy says more than this version of the agent understands: update it'
    alarms.push({ code: 'policy_newer', message })
  }
  return alarms
}

const reasons: Readonly<Record<string, string>> = {
  old_order: 'a newer one was obeyed before, so the collector may have been rolled back',
  not_authorized: 'nobody signed it who may',
  expired: 'it had ended before it came',
  wrong_fleet: 'it is for another fleet',
  wrong_audience: 'it is meant for others',
  trust_behind: 'it was signed under a Trust that this device has not seen yet',
}
