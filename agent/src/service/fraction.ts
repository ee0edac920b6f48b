import { viewOf } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'

/** From 0 to below 1, for waits that no two machines shall have alike: by the agent's own source of chance, which a simulation repeats. */
export function fraction(p: Pick<Primitives, 'random'>): number {
  return viewOf(p.random(4)).getUint32(0) / 2 ** 32
}
