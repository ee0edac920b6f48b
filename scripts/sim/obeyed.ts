/** What a simulated laptop obeys, held against what its admin has signed: policies only forwards, each job at most once. */
import type { Obedience } from '@backstay/agent/policy/obey'
import { hex } from '@backstay/proto/bytes'
import type { SimulatedJobs } from './jobs.ts'
import type { SimulatedOrders } from './orders.ts'

export interface Obeyed {
  /** The number of the newest policy that it obeyed. */
  readonly newest: number
  /** Ids of the jobs that were begun, in hexadecimal digits. */
  readonly begun: ReadonlySet<string>
  noteOrders(obedience: Obedience): void
  /** `goesOn`: it was begun before, by a process that may have had no time to say so. */
  noteJob(id: string, goesOn: boolean): void
}

export function obeyedBy(
  name: string,
  signed: {
    readonly orders: Pick<SimulatedOrders, 'numberOf'>
    readonly jobs: Pick<SimulatedJobs, 'signedFor'>
  },
  wrong: string[],
): Obeyed {
  const begun = new Set<string>()
  let newest = 0
  return {
    get newest() {
      return newest
    },
    begun,
    noteOrders({ orders }) {
      for (const { order } of orders) {
        const number = signed.orders.numberOf(hex(order.id))
        if (number === undefined) wrong.push(`${name} obeys an order that no admin signed`)
        else if (number < newest) wrong.push(`${name} obeys #${number} after #${newest}`)
        newest = Math.max(newest, number ?? 0)
      }
    },
    noteJob(id, goesOn) {
      if (signed.jobs.signedFor(id)?.name !== name)
        wrong.push(`${name} begins a job that nobody signed for it`)
      if (begun.has(id) && !goesOn) wrong.push(`${name} begins job ${id} again`)
      begun.add(id)
    },
  }
}
