// Small files that are written in batches, perhaps by others, while the target goes on.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Bytes, fromUtf8, utf8 } from '@backstay/proto/bytes'
import type { Entry } from '@backstay/proto/content/entry'
import { Failure, isFailure } from '@backstay/proto/failure'
import { SystemError } from '../system/system-error.ts'
import type { FileWriter, Target } from './target.ts'
import { entry, folder, path } from './testing/entries.ts'
import { targetFolder } from './testing/target-folder.ts'
import { writeBatch } from './write-batch.ts'

function later(target: Target, name: string, text: string, given: Partial<Entry> = {}): void {
  const bytes = utf8(text)
  const sha256 = new Uint8Array(hash('sha256', bytes, 'buffer'))
  const pieces = [{ segment: bytes, start: 0, length: bytes.length }]
  target.writeLater(path(name), entry({ size: bytes.length, sha256, ...given }), pieces)
}

const texts = (paths: readonly (readonly Bytes[])[]): string[] =>
  paths.map(components => components.map(fromUtf8).join('/'))

/** Writes nothing before it is told to. */
function heldWriter(write: FileWriter['writeFiles']): FileWriter & { go(): void } {
  const gate = Promise.withResolvers<void>()
  return {
    go: gate.resolve,
    async writeFiles(batch, rules) {
      await gate.promise
      return write(batch, rules)
    },
    writeRun: () => Promise.reject(new Error('no runs here')),
  }
}

test('files come back with all of their metadata, and folders have their times although files came later', async () => {
  using place = await targetFolder()
  const files = heldWriter(async (batch, rules) => writeBatch(place.system, batch, rules))
  using target = place.open({ files })
  target.writeSmall([], folder({ mtimeS: 3 }))
  target.writeSmall(path('a'), folder({ mode: 0o750, mtimeS: 4 }))
  target.writeSmall(path('b'), folder({ mode: 0o500, mtimeS: 6 }))
  later(target, 'top', 'top', { mtimeS: 8 })
  later(target, 'a/private', 'x', { mode: 0o600 })
  target.writeSmall(path('a/below'), folder({ mtimeS: 5 }))
  later(target, 'a/below/deep', 'deep', { mode: 0o444 })
  later(target, 'b/open', 'open', { mode: 0o666, mtimeS: -7 })
  later(target, 'implied/c', '')
  const settled = target.settled()
  files.go()
  assert.deepEqual(await settled, [])
  assert.deepEqual(target.finish(), { written: 9, there: 0, leftOut: 0, bytes: 12, counts: {}, issues: [] })
  const stat = (name: string) => statSync(join(place.path, name))
  assert.deepEqual(
    [stat('.').mtimeMs, stat('a').mtimeMs, stat('a/below').mtimeMs, stat('b').mtimeMs],
    [3123.456789, 4123.456789, 5123.456789, 6123.456789],
  )
  assert.deepEqual([stat('a').mode & 0o777, stat('b').mode & 0o777], [0o750, 0o500])
  const modes = ['top', 'a/private', 'a/below/deep', 'b/open'].map(name => stat(name).mode & 0o777)
  assert.deepEqual(modes, [0o644, 0o600, 0o444, 0o666])
  assert.equal(stat('b/open').mtimeMs, -7000 + 123.456789)
  assert.equal(place.read('a/below/deep') + place.read('top'), 'deeptop')
})

test('a taken name gets another, a wrong hash is named, and the rest of the batch comes back', async () => {
  using place = await targetFolder()
  mkdirSync(place.path)
  writeFileSync(join(place.path, 'taken'), 'mine')
  using target = place.open()
  later(target, 'taken', 'theirs')
  later(target, 'wrong', 'bytes', { sha256: new Uint8Array(32) })
  later(target, 'hashless', 'bytes', { sha256: undefined })
  later(target, 'short', 'bytes', { size: 9 })
  later(target, '..', 'bytes')
  later(target, 'fine', 'fine')
  assert.deepEqual(texts(await target.settled()), ['wrong', 'hashless'])
  assert.deepEqual(await target.settled(), [])
  const report = target.finish()
  assert.deepEqual(report.counts, { content: 1, bad_name: 1, renamed: 1 })
  assert.deepEqual([report.written, report.leftOut], [2, 2])
  assert.deepEqual(report.issues.at(-1), { what: 'renamed', path: path('taken'), detail: 'taken (restored)' })
  assert.deepEqual(place.names(), ['fine', 'taken', 'taken (restored)'])
  assert.equal(place.read('taken'), 'mine')
})

test('when told to refuse, a taken name is left out of a batch', async () => {
  using place = await targetFolder()
  mkdirSync(place.path)
  writeFileSync(join(place.path, 'taken'), 'mine')
  using target = place.open({ conflict: 'refuse' })
  later(target, 'taken', 'theirs')
  later(target, 'free', 'x')
  await target.settled()
  assert.deepEqual(target.finish().counts, { taken: 1 })
  assert.equal(place.read('taken'), 'mine')
})

test('a folder swapped for a symlink after its files were queued is not followed', async () => {
  using place = await targetFolder()
  const files = heldWriter(async (batch, rules) => writeBatch(place.system, batch, rules))
  using target = place.open({ files })
  target.writeSmall(path('a'), folder())
  later(target, 'a/secret', 'x')
  renameSync(join(place.path, 'a'), join(place.path, 'moved'))
  symlinkSync(place.outside, join(place.path, 'a'))
  const settled = target.settled()
  files.go()
  await settled
  target.finish()
  place.outsideIsUntouched()
  assert.equal(place.read('moved/secret'), 'x')
})

test('a disk that fills inside a batch ends the restore by name; what was written stays, half files do not', async () => {
  using place = await targetFolder()
  let left = 2
  const system = {
    ...place.system,
    write(...given: Parameters<typeof place.system.write>) {
      if (left-- <= 0) throw new SystemError(28, 'write')
      place.system.write(...given)
    },
  }
  using target = place.open({}, system)
  target.writeSmall(path('a'), folder({ mtimeS: 9 }))
  for (const name of ['1', '2', '3', '4']) later(target, `a/${name}`, name)
  const full = (error: unknown) => isFailure(error, 'disk_full') && error.message.includes(place.path)
  await assert.rejects(target.settled(), full)
  assert.throws(() => later(target, 'a/5', '5'), full)
  assert.equal(target.finish().written, 3)
  assert.deepEqual(place.names('a'), ['1', '2'])
  assert.equal(statSync(join(place.path, 'a')).mtimeMs, 9123.456789)
})

test('when whoever writes dies, that is thrown, nothing is under way any more and no handle leaks', async () => {
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  {
    using place = await targetFolder()
    const died = new Failure('thread_died', 'the thread is gone')
    let batches = 0
    using target = place.open({
      files: {
        writeFiles: (batch, rules) =>
          batches++ === 1 ? Promise.reject(died) : Promise.resolve(writeBatch(place.system, batch, rules)),
        writeRun: () => Promise.reject(died),
      },
    })
    for (let i = 0; i < 40; i++) {
      target.writeSmall(path(`d${i}`), folder())
      later(target, `d${i}/file`, 'x')
    }
    await assert.rejects(target.settled(), died)
    await assert.rejects(target.settled(), died)
    assert(batches > 2)
  }
  assert.equal(open(), before)
})
