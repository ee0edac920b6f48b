import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { type CutterOptions, cutter, leafReach as reach } from './borders.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)

interface Item {
  readonly name: number
  readonly hash: number
  readonly size: number
}

function pagesOf(items: readonly Item[], limits: Partial<CutterOptions<Item>> = {}): Item[][] {
  const pages: Item[][] = []
  const cutting = cutter<Item>({
    reach,
    size: item => item.size,
    bytesMax: 64 * 1024,
    itemsMin: 1,
    emit: page => pages.push(page),
    ...limits,
  })
  for (const item of items) cutting.add(item, item.hash)
  cutting.finish()
  return pages
}

/** As the rule is written, looking at every item's whole neighbourhood. */
function bordersByRule(items: readonly Item[]): number[] {
  const borders: number[] = []
  for (let at = reach; at < items.length - reach; at++) {
    const hash = (index: number) => (items[index] as Item).hash
    let smallest = true
    for (let near = at - reach; near <= at + reach; near++) {
      // Of equal hashes the first counts.
      if (near < at ? hash(near) <= hash(at) : near > at && hash(near) < hash(at)) smallest = false
    }
    if (smallest) borders.push(at)
  }
  return borders
}

const itemsOf = (hashMax: number, sizeMax: number) =>
  fc
    .array(fc.tuple(fc.nat(hashMax), fc.nat(sizeMax)), { minLength: 0, maxLength: 600, size: 'max' })
    .map(pairs => pairs.map(([hash, size], name): Item => ({ name, hash, size })))

const firsts = (pages: readonly (readonly Item[])[]) => pages.map(page => (page[0] as Item).name)

it('a page begins where the hash is the smallest within 32 items, of equal ones at the first', () => {
  // Few different hashes make many that are equal.
  for (const hashMax of [0, 3, 50, 0xffffffff]) {
    fc.assert(
      fc.property(itemsOf(hashMax, 0), items => {
        const pages = pagesOf(items)
        assert.deepEqual(firsts(pages), items.length === 0 ? [] : [0, ...bordersByRule(items)])
        assert.deepEqual(pages.flat(), items)
      }),
      { seed, numRuns: 40 },
    )
  }
})

it('no page is shorter than 32 items unless bytes divide it, and a short level is one page', () => {
  fc.assert(
    fc.property(itemsOf(0xffffffff, 0), items => {
      for (const page of pagesOf(items)) assert.ok(items.length < reach || page.length >= reach)
    }),
    { seed, numRuns: 40 },
  )
  const few = Array.from({ length: 2 * reach }, (_, name) => ({ name, hash: 2 * reach - name, size: 1 }))
  assert.equal(pagesOf(few).length, 1)
})

it('an inserted or removed item moves no border that is more than 32 items away', () => {
  fc.assert(
    fc.property(itemsOf(0xffffffff, 3000), fc.nat(), fc.nat(0xffffffff), (items, place, hash) => {
      const at = items.length === 0 ? 0 : place % items.length
      const inserted = [...items.slice(0, at), { name: -1, hash, size: 1000 }, ...items.slice(at)]
      const [before, after] = [firsts(pagesOf(items)), firsts(pagesOf(inserted))]
      const far = (name: number) => {
        if (name < 0 || Math.abs(name - at) <= 2 * reach) return false
        // Where bytes divide a page, the pieces follow from its first item: those of the changed page may move.
        return !sameHashPage(items, name, at)
      }
      // The ends are special for 32 items, so they move by one.
      const inner = (name: number) => name > reach && name < items.length - reach - 1
      assert.deepEqual(
        after.filter(name => far(name) && inner(name)),
        before.filter(name => far(name) && inner(name)),
      )
    }),
    { seed, numRuns: 60 },
  )

  function sameHashPage(items: readonly Item[], name: number, at: number): boolean {
    const borders = [0, ...bordersByRule(items), items.length]
    const page = (index: number) => borders.findLastIndex(border => border <= index)
    return Math.abs(page(name) - page(at)) <= 1
  }
})

it('bytes divide a page from its first item on, and one item may be longer than a page', () => {
  const sizes = [40, 40, 40, 200, 10, 10]
  const items = sizes.map((size, name) => ({ name, hash: 0, size }))
  const lengths = pagesOf(items, { bytesMax: 100 }).map(page => page.map(item => item.size))
  assert.deepEqual(lengths, [[40, 40], [40], [200], [10, 10]])
})

it('with at least two items a page, every level is shorter than the one below', () => {
  fc.assert(
    fc.property(itemsOf(0xffffffff, 0), items => {
      const large = items.map(item => ({ ...item, size: 32 * 1024 + 80 }))
      const pages = pagesOf(large, { itemsMin: 2 })
      if (items.length > 1) assert.ok(pages.length < items.length)
      for (const page of pages.slice(0, -1)) assert.ok(page.length >= 1)
    }),
    { seed, numRuns: 40 },
  )
})
