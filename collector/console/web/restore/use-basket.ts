/** What a person put aside to take along: files and folders, each of one moment. Kept while the tab is open, in this browser alone. */
import { useCallback, useEffect, useState } from 'react'
import type { Wish } from '../../archive/basket.ts'
import { pathFromWord, pathWord } from '../keys/paths.ts'

export interface Item {
  readonly sequence: number
  readonly atMs: number
  /** See pathWord. */
  readonly word: string
  readonly shown: string
  readonly isFolder: boolean
}

export interface Basket {
  readonly items: readonly Item[]
  has(sequence: number, word: string): boolean
  put(item: Item): void
  take(item: Pick<Item, 'sequence' | 'word'>): void
  clear(): void
}

const itemsMax = 500

export function useBasket(device: string): Basket {
  const place = `basket ${device}`
  const [items, setItems] = useState<readonly Item[]>(() => remembered(place))
  useEffect(() => setItems(remembered(place)), [place])
  const change = useCallback(
    (next: (before: readonly Item[]) => readonly Item[]) =>
      setItems(before => {
        const after = next(before).slice(0, itemsMax)
        sessionStorage.setItem(place, JSON.stringify(after))
        return after
      }),
    [place],
  )
  const isSame = (a: Pick<Item, 'sequence' | 'word'>) => (b: Item) =>
    a.sequence === b.sequence && a.word === b.word
  return {
    items,
    has: (sequence, word) => items.some(isSame({ sequence, word })),
    put: item => change(before => [...before.filter(one => !isSame(item)(one)), item]),
    take: item => change(before => before.filter(one => !isSame(item)(one))),
    clear: () => change(() => []),
  }
}

export function wishesOf(items: readonly Item[]): Wish[] {
  return items.flatMap(({ sequence, word }) => {
    const path = pathFromWord(word)
    return path === undefined ? [] : [{ sequence, path }]
  })
}

export function itemOf(
  sequence: number,
  atMs: number,
  path: Wish['path'],
  shown: string,
  isFolder: boolean,
): Item {
  return { sequence, atMs, word: pathWord(path), shown, isFolder }
}

function remembered(place: string): readonly Item[] {
  try {
    const found = JSON.parse(sessionStorage.getItem(place) ?? '[]') as unknown
    return Array.isArray(found) ? (found as Item[]) : []
  } catch {
    return []
  }
}
