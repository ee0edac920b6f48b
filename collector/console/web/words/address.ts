/** What is chosen on a page lives in its address: it can be sent to a colleague, and Back takes it back. */
import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'wouter'
import { navigate, useLocationProperty } from 'wouter/use-browser-location'

export type Chosen = Readonly<Record<string, string | undefined>>

type Change = (changes: Chosen, asStep?: boolean) => void

/** The value of each name in the address, and how to change some of them; `undefined` and '' take one away. */
export function useAddress(): readonly [URLSearchParams, Change] {
  const [params, setParams] = useSearchParams()
  const change = useCallback<Change>(
    (changes, asStep = false) => setParams(before => changed(before, changes), { replace: !asStep }),
    [setParams],
  )
  return [params, change]
}

/** The same behind `#`, which a browser sends to nobody: names of files and folders stand nowhere else. */
export function useHiddenAddress(): readonly [URLSearchParams, Change] {
  const text = useLocationProperty(() => location.hash)
  const params = useMemo(() => new URLSearchParams(text.slice(1)), [text])
  const change = useCallback<Change>((changes, asStep = false) => {
    const next = changed(new URLSearchParams(location.hash.slice(1)), changes).toString()
    navigate(`${location.pathname}${location.search}${next === '' ? '' : `#${next}`}`, { replace: !asStep })
  }, [])
  return [params, change]
}

function changed(before: URLSearchParams, changes: Chosen): URLSearchParams {
  const next = new URLSearchParams(before)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name)
    else next.set(name, value)
  }
  return next
}
