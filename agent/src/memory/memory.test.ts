import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import type { ObjectId } from '@backstay/proto/object/id'
import fc from 'fast-check'
import { temporaryFolder } from '../system/testing/temporary-folder.ts'
import { openMemory } from './memory.ts'
import { encodeSheet, readSheet, type SheetRow } from './sheet.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)

const id = (byte: number) => byte.toString(16).padStart(2, '0').repeat(32) as ObjectId
const leaf = (byte: number, sheet = utf8(`sheet ${byte}`), large: readonly string[] = []) => ({
  child: {
    reference: { id: id(byte), key: new Uint8Array(32).fill(byte) },
    ...{ firstKey: Uint8Array.of(byte), entries: 65, bytes: 2 ** 40 + byte, unread: 1 },
  },
  ...{ sheet, large, stored: utf8(`page ${byte}`) },
})

test('a sheet gives back its rows, whatever the names and times', () => {
  const row = fc.record({
    key: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    inode: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    ctimeS: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    ctimeNs: fc.integer({ min: 0, max: 999_999_999 }),
    mtimeS: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    mtimeNs: fc.integer({ min: 0, max: 999_999_999 }),
    size: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    pageSize: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    unread: fc.boolean(),
    content: fc.constantFrom('', '0123456789abcdef', 'ff00000000000000'),
  })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 80 }), rows => {
      const reader = readSheet(encodeSheet(rows))
      const read: SheetRow[] = []
      while (reader.next()) {
        read.push(reader.row(reader.key.slice()))
        assert.equal(
          reader.matches(reader.row(reader.key.slice())),
          reader.row(reader.key.slice()).inode !== 0,
        )
        assert.equal(
          reader.matches({
            ...reader.row(reader.key.slice()),
            ctimeNs: reader.row(reader.key.slice()).ctimeNs ^ 1,
          }),
          false,
        )
      }
      assert.deepEqual(
        read,
        rows.map(row => ({ ...row })),
      )
      assert.equal(reader.rows, rows.length)
    }),
    { seed, numRuns: 50 },
  )
})

test('memory changes with one commit, and what was neither given nor kept is forgotten', async () => {
  using folder = await temporaryFolder()
  const file = join(folder.path, 'memory.sqlite')
  const memory = openMemory(file)
  assert.equal(memory.commit, undefined)
  const first = memory.change()
  for (const byte of [1, 2]) first.leaf(leaf(byte, undefined, byte === 1 ? ['bbbb'] : []))
  first.leaf(leaf(3, undefined, ['aaaa']))
  first.blocks('aaaa', utf8('blocks a'))
  first.blocks('bbbb', utf8('blocks b'))
  first.finish(id(9))
  const second = memory.change()
  second.keep(id(1))
  second.leaf(leaf(2, utf8('another sheet')))
  const during = [...memory.leaves(false)].map(({ child }) => child.reference.id)
  assert.deepEqual(during, [id(1), id(2), id(3)], 'readers see the old state until the end')
  second.finish(id(8))
  assert.equal(memory.commit, id(8))
  for (const withSheets of [true, false]) {
    const after = [...memory.leaves(withSheets)].map(({ child, sheet }) => [
      ...[child.reference.id, child.entries, child.bytes, child.unread],
      new TextDecoder().decode(sheet()),
    ])
    assert.deepEqual(after, [
      [id(1), 65, 2 ** 40 + 1, 1, 'sheet 1'],
      [id(2), 65, 2 ** 40 + 2, 1, 'another sheet'],
    ])
  }
  assert.equal(memory.blocks('aaaa'), undefined)
  assert.deepEqual(Buffer.from(memory.blocks('bbbb') ?? []).toString(), 'blocks b')
  memory.close()
})

test('an abandoned change leaves everything as it was', async () => {
  using folder = await temporaryFolder()
  const file = join(folder.path, 'memory.sqlite')
  const memory = openMemory(file)
  const first = memory.change()
  first.leaf(leaf(1))
  first.finish(id(9))
  const second = memory.change()
  second.leaf(leaf(5))
  second.abandon()
  memory.close()
  const again = openMemory(file)
  assert.equal(again.commit, id(9))
  assert.deepEqual([...again.leafIds()], [id(1)])
  assert.deepEqual(Buffer.from(again.leafPage(id(1)) ?? []).toString(), 'page 1')
  again.forget([id(1)])
  assert.deepEqual([...again.leafIds()], [])
  again.close()
})

test('a damaged memory is begun anew, and one that cannot be opened is named', async () => {
  using folder = await temporaryFolder()
  const file = join(folder.path, 'memory.sqlite')
  writeFileSync(file, 'no database at all, only text that is long enough to be looked at'.repeat(200))
  const memory = openMemory(file)
  assert.equal(memory.commit, undefined)
  memory.close()
  assert.throws(() => openMemory(join(folder.path, 'no/such/folder/memory.sqlite')), {
    code: 'memory_unusable',
  })
})
