// Vectors of the lists of names: docs/format.md §8.4.
import { hex, utf8 } from '@backstay/proto/bytes'
import { runContentVector } from '@backstay/proto/content/testing/vectors'
import { backstay } from '../../proto/src/content/content.pb.js'
import { openBook } from './book.ts'

const event = (key: string, sequence: number, isGone = false) => ({ key: hex(utf8(key)), sequence, isGone })
const run = (byte: string, first: number, last: number, all = false) => ({
  ...{ id: byte.repeat(32), key: 'ee'.repeat(32), firstSequence: first, lastSequence: last },
  ...{ names: 3, isAll: all, endedAtMs: 1_767_225_600_000 },
})

export async function writeNames(): Promise<void> {
  const book = openBook('names.json', 'Lists of names: runs and the index that names them.', runContentVector)
  const write = (name: string, firstSequence: number, events: readonly object[]) =>
    book.add(`run: ${name}`, 'names.run', { firstSequence, events })
  await write('nothing', 1, [])
  await write('one name', 1, [event('/\0\0a', 1)])
  await write('names that share a beginning', 7, [
    event('/\0home\0\0ada', 7),
    event('/\0home\0ada\0\0notes', 9),
    event('/\0home\0ada\0\0notes', 300, true),
    event('/\0home\0ada\0\0notes 2', 8),
  ])
  const read = (name: string, packed: string, failure?: string) => {
    const bytes = hex(backstay.content.Names.encode({ packed: Buffer.from(packed, 'hex') }).finish())
    return book.add(`read: ${name}`, 'names.read', { firstSequence: 5, bytes }, failure)
  }
  await read('two names', '0001610000016203')
  await read('the same name twice', '000161000100' + '03')
  await read('a name cut short', '000261', 'bad_names')
  await read('a number cut short', '0001', 'bad_names')
  await read('a number beyond 2^53', '00ffffffffffffffff7f61', 'bad_names')
  await read('more shared than there is', '00016100020162' + '00', 'bad_names')
  await read('names out of order', '0001620000016100', 'bad_names')
  await read('less shared than there is', '000261620000026163' + '00', 'bad_names')
  await read('an empty name', '000000', 'bad_names')
  await read('snapshots out of order', '00016104010002', 'bad_names')
  const index = (name: string, runs: readonly object[]) => book.add(`index: ${name}`, 'names.index', { runs })
  await index('nothing', [])
  await index('a run', [run('01', 1, 1, true)])
  await index('runs in the order of time', [run('09', 1, 1, true), run('02', 2, 40), run('05', 41, 41)])
  const forged = (name: string, message: backstay.content.Names.$Properties, children: readonly string[]) => {
    const bytes = hex(backstay.content.Names.encode(message).finish())
    return book.add(`index with ${name}`, 'names.index.read', { bytes, children }, 'bad_names')
  }
  const one = { child: 0, firstSequence: 1, lastSequence: 1, names: 1 }
  const keys = new Uint8Array(32)
  await forged('a child that is not there', { runs: [{ ...one, child: 1 }], keys }, ['01'.repeat(32)])
  await forged('a child that no run names', { keys }, ['01'.repeat(32)])
  await forged('too few keys', { runs: [one] }, ['01'.repeat(32)])
  await forged('a run that ends before it begins', { runs: [{ ...one, firstSequence: 2 }], keys }, [
    '01'.repeat(32),
  ])
  await forged('names of its own', { packed: Uint8Array.of(0, 1, 97, 0) }, [])
  book.write()
}
