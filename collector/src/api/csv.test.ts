import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv } from './csv.ts'

test('cells with commas, quotes and lines come back, and none is a formula', () => {
  const text = csv(
    ['a', 'b'],
    [
      ['x, "y"\nz', 1],
      ['=HYPERLINK("http://evil")', undefined],
      ['@SUM', true],
      ['-1', -1],
    ],
  )
  assert.equal(
    text,
    'a,b\r\n"x, ""y""\nz",1\r\n"\'=HYPERLINK(""http://evil"")",\r\n\'@SUM,true\r\n\'-1,-1\r\n',
  )
})
