import assert from 'node:assert/strict'
import { it } from 'node:test'
import { padme } from './padding.ts'

/** As the paper writes it, with bit masks; for lengths below 2^31. */
function fromPaper(length: number): number {
  if (length < 2) return length
  const e = 31 - Math.clz32(length)
  const s = 32 - Math.clz32(e)
  const mask = e > s ? (1 << (e - s)) - 1 : 0
  return (length + mask) & ~mask
}

it('pads as algorithm 1 of the paper does', () => {
  for (let length = 0; length < 100_000; length++) assert.equal(padme(length), fromPaper(length))
  for (let exponent = 17; exponent < 31; exponent++) {
    for (const near of [-1, 0, 1, 12_345])
      assert.equal(padme(2 ** exponent + near), fromPaper(2 ** exponent + near))
  }
})

it('never shortens, adds at most 12 %, and leaves a padded length as it is', () => {
  for (let length = 1; length < 9 * 1024 * 1024; length += 1 + (length >> 9)) {
    const padded = padme(length)
    assert.ok(padded >= length && padded <= length * 1.12, `${length} → ${padded}`)
    assert.equal(padme(padded), padded)
  }
})

it('adds 1 % on average and 3.2 % at most between 1 and 2 MiB, in steps of 32 KiB', () => {
  const mebi = 1024 * 1024
  let added = 0
  let count = 0
  for (let length = mebi; length < 2 * mebi; length += 1009) {
    const padded = padme(length)
    assert.equal(padded % (32 * 1024), 0)
    assert.ok((padded - length) / length < 0.032)
    added += (padded - length) / length
    count++
  }
  assert.ok(added / count > 0.008 && added / count < 0.012, `${added / count}`)
})

it('leaves few classes: 364 lengths up to 4 MiB', () => {
  const classes = new Set<number>()
  for (let length = 1; length <= 4 * 1024 * 1024; length = (padme(length) as number) + 1)
    classes.add(padme(length))
  assert.equal(classes.size, 364)
})

it('is exact far beyond any object, so that a forged length never meets a rounding error', () => {
  for (let exponent = 31; exponent < 50; exponent++) {
    const length = 2 ** exponent
    assert.equal(padme(length), length)
    assert.equal(padme(length - 1), length)
    assert.ok(padme(length + 1) > length)
  }
})
