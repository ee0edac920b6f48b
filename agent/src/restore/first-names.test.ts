import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { type Bytes, fromUtf8, utf8 } from '@backstay/proto/bytes'
import { firstNames } from './first-names.ts'

const inode = (number: number) => ({ deviceMajor: 8, deviceMinor: number % 3, inode: number })
const path = (text: string) => (text === '' ? [] : text.split('/').map(name => utf8(name)))
const shown = (folder: readonly Bytes[]) => folder.map(fromUtf8).join('/')

test('the first names of very many groups are known, in whatever folders', () => {
  const firsts = firstNames()
  const groups = Array.from({ length: 20_000 }, () => new Uint8Array(randomBytes(16)))
  const folderOf = (index: number) =>
    ['', 'a', 'a/b', 'a/b/c', 'a/bc', 'a/b'][index % 6] + (index % 7 ? '' : `/${index}`)
  const clean = (index: number) => folderOf(index).replace(/^\//, '')
  for (const [index, group] of groups.entries()) {
    equal(firsts.has(group), false)
    firsts.set(group, path(clean(index)), utf8(`file${index}`), inode(index))
  }
  for (const [index, group] of groups.entries()) {
    const first = firsts.get(group)
    ok(first !== undefined && firsts.has(group))
    equal(shown(first.folder), clean(index))
    equal(fromUtf8(first.name), `file${index}`)
    ok(first.isSame(inode(index)) && !first.isSame(inode(index + 1)))
    ok(!first.isSame({ ...inode(index), deviceMajor: 9 }))
  }
  equal(firsts.has(new Uint8Array(randomBytes(16))), false)
})

test('groups that differ in one bit are two', () => {
  const firsts = firstNames()
  const groups = Array.from({ length: 128 }, (_, bit) => {
    const group = new Uint8Array(16)
    group[bit >> 3] = 1 << (bit & 7)
    return group
  })
  for (const [bit, group] of groups.entries()) firsts.set(group, [], utf8(`${bit}`), inode(bit))
  deepEqual(
    groups.map(group => fromUtf8(firsts.get(group)?.name as Bytes)),
    groups.map((_, bit) => `${bit}`),
  )
  equal(firsts.get(new Uint8Array(16)), undefined)
})

test('a group that is written anew is where it was written last', () => {
  const firsts = firstNames()
  const group = new Uint8Array(16).fill(7)
  firsts.set(group, path('a/b'), utf8('one'), inode(1))
  firsts.set(group, path('c'), utf8('two'), inode(2))
  const first = firsts.get(group)
  equal(first && `${shown(first.folder)}/${fromUtf8(first.name)}`, 'c/two')
  ok(first?.isSame(inode(2)) && !first.isSame(inode(1)))
})

test('what is no group, as somebody might forge it, is not remembered', () => {
  const firsts = firstNames()
  for (const length of [0, 1, 15, 17, 1000]) {
    const group = new Uint8Array(length)
    firsts.set(group, [], utf8('name'), inode(1))
    equal(firsts.has(group), false)
  }
})
