import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pictureSize } from './picture-size.ts'

const a4 = { width: 595, height: 842 }

test('a page is as wide as it is shown, and twice as sharp on a sharp screen', () => {
  assert.equal(pictureSize(a4, 600, 1).width, 600)
  assert.equal(pictureSize(a4, 600, 2).width, 1200)
  assert.equal(pictureSize(a4, 600, 5).width, 1200)
  assert.equal(pictureSize(a4, 600, 0.5).width, 600)
})

test('whatever a document says of its pages, a canvas stays within its limits', () => {
  const lengths = [Number.NaN, -3, 0, 1e-9, 1, 14_400, 1e9, Number.POSITIVE_INFINITY]
  for (const width of lengths) {
    for (const height of lengths) {
      const size = pictureSize({ width, height }, 760, 2)
      assert.ok(size.width >= 1 && size.height >= 1, `${width} × ${height}`)
      assert.ok(size.width <= 8192 && size.height <= 8192, `${width} × ${height}`)
      assert.ok(size.width * size.height <= 4 * 1024 * 1024 + 8192, `${width} × ${height}`)
      assert.ok(size.scale > 0 && Number.isFinite(size.scale), `${width} × ${height}`)
    }
  }
})
