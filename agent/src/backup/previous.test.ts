import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { encodeSheet, type SheetRow } from '../memory/sheet.ts'
import { previousIndex } from './previous.ts'

function row(number: number, content: string): SheetRow {
  const times = { ctimeS: 1, ctimeNs: number, mtimeS: 1, mtimeNs: 0 }
  return {
    key: utf8(`${1e7 + number}`),
    inode: number + 1,
    ...times,
    size: 5,
    pageSize: 100,
    unread: false,
    content,
  }
}

/** A last snapshot of so many files, 100 on a page. */
function remembered(count: number, contentOf: (number: number) => string) {
  const sheets: Uint8Array[] = []
  for (let first = 0; first < count; first += 100) {
    sheets.push(encodeSheet(Array.from({ length: 100 }, (_, at) => row(first + at, contentOf(first + at)))))
  }
  return {
    *leaves() {
      for (const [index, sheet] of sheets.entries())
        yield {
          child: {
            reference: { id: `${index}` as never, key: new Uint8Array() },
            ...{ firstKey: new Uint8Array(), entries: 100, bytes: 500, unread: 0 },
          },
          sheet: () => sheet,
        }
    },
  }
}

const sha256 = (text: string) => new Uint8Array(hash('sha256', text, 'buffer'))
const prefix = (text: string) => sha256(text).subarray(0, 8).toHex()
const nothing = async () => undefined

test('a file is found by what tells that it was not touched, wherever it was', () => {
  const index = previousIndex(
    remembered(1000, number => prefix(`${number}`)),
    nothing,
  )
  assert.deepEqual(index.findUntouched(row(456, ''))?.index, 56)
  assert.equal(index.findUntouched({ ...row(456, ''), ctimeNs: 1 }), undefined)
  assert.equal(index.findUntouched(row(5000, '')), undefined)
  assert.equal(index.mayHold(sha256('456')), true)
  assert.equal(index.mayHold(sha256('another')), false)
})

test('400,000 equal files are no more work than as many different ones', () => {
  // One after another past all before it, these would be 10^11 steps.
  const index = previousIndex(
    remembered(400_000, () => prefix('the same')),
    nothing,
  )
  assert.equal(index.mayHold(sha256('the same')), true)
  assert.equal(index.findUntouched(row(399_999, ''))?.index, 99)
})

test('of a last snapshot that is empty nothing is held', () => {
  const index = previousIndex(
    remembered(0, () => ''),
    nothing,
  )
  assert.equal(index.mayHold(sha256('x')), false)
  assert.equal(index.findUntouched(row(1, '')), undefined)
})
