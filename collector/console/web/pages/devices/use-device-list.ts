/** Devices as they are scrolled to, a page of the collector at a time. */
import type { deviceRoutes } from '@backstay/proto/rest/devices'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useHeldGet } from '../../api/queries.ts'
import type { Filters } from './views.ts'

type Listing = AnswerOf<typeof deviceRoutes.list>
export type DeviceRow = Listing['items'][number]

const pageRows = 200

export interface DeviceList {
  readonly items: readonly DeviceRow[]
  readonly total: number | undefined
  readonly error: Error | null
  readonly isPending: boolean
  readonly hasMore: boolean
  /** Asks for the next page when none is on its way. */
  readonly more: () => void
  readonly again: () => void
}

export function useDeviceList(filters: Filters, sort: string): DeviceList {
  const ask = useHeldGet()
  const query = { ...filters, sort, limit: pageRows }
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery({
      queryKey: ['/devices', query],
      queryFn: ({ pageParam, signal }) =>
        ask<Listing>('/devices', { ...query, ...(pageParam !== '' && { cursor: pageParam }) }, signal),
      initialPageParam: '',
      getNextPageParam: last => last.nextCursor,
      placeholderData: keepPreviousData,
    })
  const items = useMemo(() => data?.pages.flatMap(page => page.items) ?? [], [data])
  return {
    items,
    total: data?.pages[0]?.total,
    error,
    isPending,
    hasMore: hasNextPage,
    more: () => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
    },
    again: () => void refetch(),
  }
}
