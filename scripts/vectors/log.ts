// Vectors of the collector's log: docs/format.md §13.
import { fromUtf8, hex, utf8 } from '@backstay/proto/bytes'
import { signCheckpoint } from '@backstay/proto/log/checkpoint'
import { leafHash } from '@backstay/proto/log/merkle'
import { consistencyProof, inclusionProof } from '@backstay/proto/log/proof'
import { grow } from '@backstay/proto/log/testing/grown-log'
import { fleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { testKey } from '@backstay/proto/trust/testing/fleet'
import { openBook } from './book.ts'

export async function writeLog(p: Primitives): Promise<void> {
  const book = openBook('log.json', 'Leaves, roots and proofs of the log, and the checkpoints over it.')
  const entries = Array.from({ length: 13 }, (_, index) => `entry ${index}`)
  const log = await grow(p, entries.map(utf8))
  const root = (size: number) => hex(log.roots[size] ?? new Uint8Array())
  const turned = (digits: string) => (digits.startsWith('0') ? '1' : '0') + digits.slice(1)

  const entry = { atMs: 1_767_225_600_000, actor: 'person:anna@example.org', action: 'sign-in' }
  await book.add('an entry without details', 'log.leaf', { entry })
  const detail = { way: 'passkey', 'a "name"': 'é\u2028', attempts: 2, stepUp: true }
  await book.add('an entry with all fields; names are sorted', 'log.leaf', {
    entry: { ...entry, device: '00112233445566778899aabbccddeeff', target: 'ab'.repeat(32), detail },
  })
  await book.add('the roots of 0 to 13 entries', 'log.roots', { entries })
  for (const [index, size] of [
    [0, 1],
    [0, 2],
    [4, 7],
    [6, 7],
    [12, 13],
    [8, 13],
  ] as const) {
    await book.add(`the proof that entry ${index} is among ${size}`, 'log.include', { entries, index, size })
    const judged = {
      leaf: hex(await leafHash(p, utf8(entries[index] ?? ''))),
      proof: (await inclusionProof(p, log.hashAt, index, size)).map(hex),
      ...{ index, size, root: root(size) },
    }
    await book.add(`entry ${index} is among ${size}`, 'log.includes', judged)
    await book.add(`entry ${index} is not beyond ${size}`, 'log.includes', { ...judged, index: size })
    await book.add(`another entry is not ${index} of ${size}`, 'log.includes', {
      ...judged,
      leaf: turned(judged.leaf),
    })
    await book.add(`one hash too many for ${index} of ${size}`, 'log.includes', {
      ...judged,
      proof: [...judged.proof, root(1)],
    })
  }
  for (const [from, to] of [
    [0, 5],
    [1, 2],
    [3, 7],
    [4, 7],
    [6, 8],
    [8, 13],
    [13, 13],
  ] as const) {
    await book.add(`the proof that ${to} entries grew from ${from}`, 'log.grow', { entries, from, to })
    const proof = (await consistencyProof(p, log.hashAt, from, to)).map(hex)
    const judged = { from, to, fromRoot: root(from), toRoot: root(to), proof }
    await book.add(`${to} entries grew from ${from}`, 'log.grew', judged)
    await book.add(`${to} entries with another root did not grow from ${from}`, 'log.grew', {
      ...judged,
      ...(from === 0 ? { proof: [root(1)] } : { toRoot: turned(judged.toRoot) }),
    })
  }
  await book.add('a log that shrank did not grow', 'log.grew', {
    ...{ from: 7, to: 4, fromRoot: root(7), toRoot: root(4), proof: [] },
  })

  const seed = hex(new Uint8Array(32).fill(3))
  const fleet = hex(new Uint8Array(32).fill(7))
  const key = await p.signingKey(new Uint8Array(32).fill(3))
  const stranger = await testKey(p, 'stranger')
  const { note } = await signCheckpoint(
    p,
    fleetId(new Uint8Array(32).fill(7)),
    { size: 13, root: log.roots[13] ?? new Uint8Array() },
    key,
  )
  await book.add('a checkpoint over 13 entries', 'checkpoint.sign', { seed, fleet, size: 13, root: root(13) })
  const good = { fleet, keys: [hex(key.publicKey)], note: fromUtf8(note) }
  await book.add('it is believed', 'checkpoint.verify', good)
  const cosigned = `${good.note}— witness.example ${new Uint8Array(68).toBase64()}\n`
  await book.add('so it is with a signature of somebody else beside', 'checkpoint.verify', {
    ...good,
    note: cosigned,
  })
  const refused: Readonly<Record<string, readonly [string, Partial<typeof good>]>> = {
    'another key': ['bad_signature', { keys: [hex(stranger.publicKey)] }],
    'another fleet': ['bad_signature', { fleet: turned(fleet) }],
    'one entry more': ['bad_signature', { note: good.note.replace('\n13\n', '\n14\n') }],
    'a size with a leading zero': ['bad_checkpoint', { note: good.note.replace('\n13\n', '\n013\n') }],
    'a size that no number holds': [
      'bad_checkpoint',
      { note: good.note.replace('\n13\n', '\n99999999999999999999\n') },
    ],
    'a root that is cut short': [
      'bad_checkpoint',
      { note: good.note.replace(/\n(\S{40})\S{4}\n/, '\n$1\n') },
    ],
    'no signature': ['bad_checkpoint', { note: good.note.slice(0, good.note.indexOf('\n\n') + 1) }],
    'no line break at the end': ['bad_checkpoint', { note: good.note.slice(0, -1) }],
    'a hyphen instead of a dash': ['bad_checkpoint', { note: good.note.replace('—', '-') }],
    nothing: ['bad_checkpoint', { note: '' }],
  }
  for (const [name, [code, changes]] of Object.entries(refused)) {
    await book.add(`refused: ${name}`, 'checkpoint.verify', { ...good, ...changes }, code)
  }
  book.write()
}
