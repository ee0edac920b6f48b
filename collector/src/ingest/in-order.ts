import { oneAtATime } from '../catalog/one-at-a-time.ts'

/** Works of one key run one after another in the order of the calls; those of different keys do not wait. */
export function inOrderOf<Key>(): <T>(key: Key, work: () => Promise<T>) => Promise<T> {
  const lines = new Map<Key, { take: ReturnType<typeof oneAtATime>; waiting: number }>()
  return async (key, work) => {
    const line = lines.get(key) ?? { take: oneAtATime(), waiting: 0 }
    lines.set(key, line)
    line.waiting++
    try {
      return await line.take(work)
    } finally {
      if (--line.waiting === 0) lines.delete(key)
    }
  }
}
