/** What a page shows, kept current: one hook to ask, one to do. */
import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { useGuard } from '../shell/step-up.tsx'
import { get, type Query } from './client.ts'
import { held } from './held.ts'
import { Problem } from './problem.ts'

/** Events say what changed; this is for what no event tells. */
const freshMs = 20_000

export function newQueryClient(): QueryClient {
  // Who is refused as nobody asks at once who they are: the sign-in comes now, and not with the next look a minute later.
  const isOut = (error: unknown, key?: unknown) => {
    if (error instanceof Problem && error.status === 401 && key !== sessionPath)
      void refresh(client, [sessionPath])
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => isOut(error, query.queryKey[0]) }),
    mutationCache: new MutationCache({ onError: error => isOut(error) }),
    defaultOptions: {
      queries: {
        staleTime: freshMs,
        refetchOnWindowFocus: true,
        // What was refused stays refused; what could not be reached may come back.
        retry: (count, error) =>
          count < 2 && error instanceof Problem && [0, 429, 503].includes(error.status),
      },
      mutations: { retry: false },
    },
  })
  return client
}

export interface AskOptions {
  readonly enabled?: boolean
  /** For what moves without an event. */
  readonly everyMs?: number
}

/** The answer to one GET; the former one is shown while the next is on its way. */
export function useAsk<Body>(
  path: string,
  query: Query = {},
  options: AskOptions = {},
): UseQueryResult<Body> {
  const ask = useHeldGet()
  return useQuery<Body>({
    queryKey: [path, query],
    queryFn: ({ signal }) =>
      isOfSignIn(path) ? get<Body>(path, query, signal) : ask<Body>(path, query, signal),
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
    ...(options.everyMs !== undefined && { refetchInterval: options.everyMs }),
  })
}

const sessionPath = '/session'

/** Who asks for these need not be in. */
const isOfSignIn = (path: string): boolean => path === sessionPath || path.startsWith(`${sessionPath}/`)

/** One GET that waits for a sign-in where one is needed (held.ts); for what asks otherwise than by the hooks here. */
export function useHeldGet(): <Body>(path: string, query: Query, signal: AbortSignal) => Promise<Body> {
  const client = useQueryClient()
  return (path, query, signal) =>
    held(
      () => get(path, query, signal),
      () => void refresh(client, [sessionPath]),
      signal,
    )
}

/** So many pages of a list are asked for, one after another: ten thousand items. */
const pagesMax = 20
const pageItems = 500

export interface All<Item> {
  readonly items: readonly Item[]
  /** There are more than a page of the console reads; they came later than these. */
  readonly isCut: boolean
}

/** A whole list that comes in pages. */
export function useAll<Item>(path: string, query: Query = {}): UseQueryResult<All<Item>> {
  const ask = useHeldGet()
  return useQuery<All<Item>>({
    queryKey: [path, query, 'all'],
    queryFn: async ({ signal }) => {
      const items: Item[] = []
      let cursor: string | undefined
      for (let page = 0; page < pagesMax; page++) {
        const words = { ...query, limit: pageItems, cursor }
        const got = await ask<{ items: readonly Item[]; nextCursor?: string }>(path, words, signal)
        items.push(...got.items)
        cursor = got.nextCursor
        if (cursor === undefined) return { items, isCut: false }
      }
      return { items, isCut: true }
    },
    placeholderData: keepPreviousData,
  })
}

/** A deed, with a second proof of who it is where one is asked for; what it `changes` (beginnings of paths) is asked for again afterwards. */
export function useDeed<Words, Result>(
  deed: (words: Words) => Promise<Result>,
  changes: readonly string[],
): UseMutationResult<Result, Error, Words> {
  const client = useQueryClient()
  const guard = useGuard()
  return useMutation<Result, Error, Words>({
    mutationFn: words => guard(() => deed(words)),
    onSuccess: () => refresh(client, changes),
  })
}

export async function refresh(client: QueryClient, paths: readonly string[]): Promise<void> {
  await client.invalidateQueries({
    predicate: ({ queryKey: [key] }) => typeof key === 'string' && paths.some(path => key.startsWith(path)),
  })
}
