import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import type { Batch } from '../reading/batch.ts'
import type { FileReader } from '../reading/read-batch.ts'
import { emptyStat } from '../system/system.ts'
import { ahead } from './ahead.ts'
import type { Merged, ToRead } from './merge.ts'

const noHandles = { close: () => assert.fail('nothing is open') }
const notSpared = () => false

function file(name: string, size = 3): ToRead {
  const stat = { ...emptyStat(), size, links: 1, blocks: 8 }
  return {
    kind: 'read',
    isAtRest: true,
    key: utf8(name),
    folder: 3,
    name: utf8(name),
    stat,
    before: undefined,
    early: undefined,
    isUntouched: false,
  }
}

/** Gives every file its own name as content, when asked to answer. */
function slowReader() {
  const asked: { readonly batch: Batch; answer(): void }[] = []
  const reader: FileReader = {
    read(batch) {
      const { promise, resolve } = Promise.withResolvers<[]>()
      const answer = () => {
        for (let index = 0; index < batch.files; index++) {
          const { name, content } = batch.wanted(index)
          content.set(name.subarray(0, content.length))
          batch.setRead(index)
        }
        resolve([])
      }
      asked.push({ batch, answer })
      return promise
    },
  }
  return { reader, asked }
}

const nameOf = (one: Merged) => ('name' in one ? new TextDecoder().decode(one.name) : one.kind)

test('small files are read in batches ahead of their turn, in order', async () => {
  const { reader, asked } = slowReader()
  const files = Array.from({ length: 1000 }, (_, index) => file(`${1000 + index}`, 4))
  const names: string[] = []
  for (const one of ahead(files, { system: noHandles, reader, isSpared: notSpared })) {
    for (const { answer } of asked) answer()
    if (one.kind === 'wait') await one.until
    if (one.kind !== 'read') continue
    assert.ok(one.early)
    assert.equal(new TextDecoder().decode(one.early.bytes.slice()), nameOf(one))
    names.push(nameOf(one))
  }
  assert.deepEqual(names, files.map(nameOf))
  assert.ok(new Set(asked.map(({ batch }) => batch.memory)).size < 12, 'memory is used again')
  assert.ok(asked.length < 40, 'many files in one batch')
})

test('sparse, empty and linked files, and those that are spared, are left to their turn', () => {
  const { reader, asked } = slowReader()
  const linked = file('linked')
  linked.stat.links = 2
  const sparse = file('sparse', 200_000)
  const all = [linked, sparse, file('empty', 0), file('spared')]
  const isSpared = (found: { readonly name: Uint8Array }) => new TextDecoder().decode(found.name) === 'spared'
  for (const one of ahead(all, { system: noHandles, reader, isSpared })) {
    assert.ok(one.kind === 'read' && one.early === undefined)
  }
  assert.equal(asked.length, 0)
})

test('a folder is closed when all before it is used, and not earlier; when nobody wants the rest, at once', () => {
  const { reader } = slowReader()
  const closed: number[] = []
  const system = { close: (handle: number) => void closed.push(handle) }
  const all: Merged[] = [file('a'), { kind: 'left', handle: 7 }, file('b'), { kind: 'left', handle: 8 }]
  const names: string[] = []
  for (const one of ahead(all, { system, reader, isSpared: notSpared })) {
    if (one.kind !== 'wait') names.push(`${nameOf(one)} ${closed}`)
  }
  assert.deepEqual(names, ['a ', 'b 7'])
  assert.deepEqual(closed, [7, 8])
  closed.length = 0
  for (const _ of ahead(all, { system, reader, isSpared: notSpared })) break
  assert.deepEqual(closed, [7, 8])
})

test('what waits behind a slow batch is bounded', () => {
  const { reader } = slowReader()
  let taken = 0
  function* endless(): Generator<Merged> {
    for (;;) {
      yield file('f')
      for (let index = 0; index < 100; index++) yield { kind: 'border' }
      taken++
    }
  }
  for (const one of ahead(endless(), { system: noHandles, reader, isSpared: notSpared })) {
    if (one.kind === 'read') break
  }
  assert.ok(taken < 20, `${taken} files ahead`)
})

test('a file that must be looked at again has nothing early', async () => {
  const reader: FileReader = { read: async () => [] }
  for (const one of ahead([file('a')], { system: noHandles, reader, isSpared: notSpared })) {
    if (one.kind === 'wait') await one.until
    else assert.ok(one.kind === 'read' && one.early === undefined)
  }
})
