/** Which devices are ticked; in the address, so that a colleague sees the same. */
import { useMemo } from 'react'
import { useAddress } from '../../words/address.ts'

/** Each of them is signed for on its own, and an address holds no more. */
export const selectedMax = 100

export interface Selection {
  readonly ids: readonly string[]
  readonly has: (id: string) => boolean
  readonly toggle: (id: string) => void
  readonly set: (ids: readonly string[]) => void
  readonly clear: () => void
}

const id = /^[0-9a-f]{32}$/

export function useSelection(): Selection {
  const [address, change] = useAddress()
  const text = address.get('selected') ?? ''
  return useMemo(() => {
    const ids = [...new Set(text.split(',').filter(one => id.test(one)))].slice(0, selectedMax)
    const known = new Set(ids)
    const set = (next: readonly string[]) => change({ selected: next.slice(0, selectedMax).join(',') })
    return {
      ids,
      has: one => known.has(one),
      toggle: one => set(known.has(one) ? ids.filter(other => other !== one) : [...ids, one]),
      set,
      clear: () => set([]),
    }
  }, [text, change])
}
