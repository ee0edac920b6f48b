/** What the thread with the keys answers, kept while it is looked at. */

import { Failure } from '@backstay/proto/failure'
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useKeys } from './keys.ts'
import type { RemoteVault } from './remote-vault.ts'

export function useVault(): RemoteVault {
  const { vault } = useKeys()
  if (vault === undefined) throw new Failure('locked', 'the key is locked')
  return vault
}

/** `words`: all that the answer depends on. The former answer is shown until the next one comes. */
export function useOpened<T>(
  words: readonly (string | number)[],
  ask: (vault: RemoteVault) => Promise<T>,
  isWanted = true,
): UseQueryResult<T> {
  const vault = useVault()
  return useQuery<T>({
    queryKey: ['vault', ...words],
    queryFn: () => ask(vault),
    // A snapshot never changes; the list of them does, when the person comes back to it.
    staleTime: 60_000,
    retry: false,
    enabled: isWanted,
    placeholderData: keepPreviousData,
  })
}
