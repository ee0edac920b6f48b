/** What is chosen on a page lives in its address: it can be sent to a colleague, and Back takes it back. */
import { useCallback } from 'react'
import { useSearchParams } from 'wouter'

export type Chosen = Readonly<Record<string, string | undefined>>

/** The value of each name in the address, and how to change some of them; `undefined` and '' take one away. */
export function useAddress(): readonly [URLSearchParams, (changes: Chosen, asStep?: boolean) => void] {
  const [params, setParams] = useSearchParams()
  const change = useCallback(
    (changes: Chosen, asStep = false) => {
      setParams(
        before => {
          const next = new URLSearchParams(before)
          for (const [name, value] of Object.entries(changes)) {
            if (value === undefined || value === '') next.delete(name)
            else next.set(name, value)
          }
          return next
        },
        { replace: !asStep },
      )
    },
    [setParams],
  )
  return [params, change]
}
