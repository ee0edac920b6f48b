/** Which signed orders this device obeys, and which it refused: the fleet manager sees whether a policy arrived. */
import type { Bytes } from '@backstay/proto/bytes'
import type { RefusedOrder } from '@backstay/proto/trust/heartbeat'
import type { Board } from './board.ts'

export interface Standing {
  /** Ids of the orders, 16 bytes each. */
  readonly obeyed: readonly Bytes[]
  readonly refused: readonly RefusedOrder[]
}

export function standing({ policy }: Pick<Board, 'policy'>): Standing {
  return { obeyed: policy === undefined ? [] : [policy.order.id], refused: [] }
}
