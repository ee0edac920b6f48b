import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bytes, equalBytes, utf8 } from '../bytes.ts'
import { nodePrimitives as p } from '../node.ts'
import { canonical, entryBytes } from './entry.ts'
import { append, emptyFrontier, frontierPlaces, leafHash, rootOf } from './merkle.ts'
import { consistencyProof, grewFrom, includes, inclusionProof } from './proof.ts'
import { type GrownLog, grow } from './testing/grown-log.ts'

const sizeMax = 40
const numbered = (size: number, first = 'entry 0') =>
  Array.from({ length: size }, (_, index) => utf8(index === 0 ? first : `entry ${index}`))

/** RFC 6962 §2.1, word for word. */
async function definedRoot(entries: readonly Bytes[]): Promise<Bytes> {
  const [only] = entries
  if (only === undefined) return p.sha256(new Uint8Array())
  if (entries.length === 1) return leafHash(p, only)
  let left = 1
  while (left * 2 < entries.length) left *= 2
  const halves = [await definedRoot(entries.slice(0, left)), await definedRoot(entries.slice(left))]
  return p.sha256(new Uint8Array(Buffer.concat([Buffer.from([1]), ...halves])))
}

const flipped = (hash: Bytes) => hash.map((byte, index) => (index === 7 ? byte ^ 1 : byte))
const honest = await grow(p, numbered(sizeMax))
const rewritten = await grow(p, numbered(sizeMax, 'another entry 0'))
const headOf = (log: GrownLog, size: number) => ({ size, root: log.roots[size] ?? assert.fail() })

test('the root of every size is the one that RFC 6962 defines', async () => {
  for (let size = 0; size <= sizeMax; size++) {
    assert.deepEqual(honest.roots[size], await definedRoot(numbered(size)), `size ${size}`)
  }
})

test('appending goes on from the kept subtrees alone', async () => {
  for (let size = 0; size < sizeMax; size++) {
    const hashes = await Promise.all(
      frontierPlaces(size).map(({ level, place }) => honest.hashAt(level, place)),
    )
    const { frontier } = await append(p, { size, hashes }, await leafHash(p, utf8(`entry ${size}`)))
    assert.deepEqual(await rootOf(p, frontier), honest.roots[size + 1])
  }
  assert.equal(emptyFrontier.size, 0)
})

test('every entry is proved in every size, and in no other place, size, root or entry', async () => {
  for (let size = 1; size <= sizeMax; size++) {
    const root = headOf(honest, size).root
    for (let index = 0; index < size; index++) {
      const leaf = await leafHash(p, utf8(`entry ${index}`))
      const proof = await inclusionProof(p, honest.hashAt, index, size)
      const good = { leaf, index, size, root, proof }
      assert.ok(await includes(p, good), `${index} in ${size}`)
      assert.equal(await includes(p, { ...good, index: index + 1 }), false)
      assert.equal(await includes(p, { ...good, leaf: flipped(leaf) }), false)
      assert.equal(await includes(p, { ...good, root: flipped(root) }), false)
      assert.equal(await includes(p, { ...good, proof: [...proof, leaf] }), false)
      if (proof.length > 0) assert.equal(await includes(p, { ...good, proof: proof.slice(1) }), false)
    }
  }
})

test('every state grew out of every one before: all m ≤ n ≤ 40', async () => {
  let proofs = 0
  for (let to = 0; to <= sizeMax; to++) {
    for (let from = 0; from <= to; from++) {
      const proof = await consistencyProof(p, honest.hashAt, from, to)
      assert.ok(await grewFrom(p, headOf(honest, from), headOf(honest, to), proof), `${from} → ${to}`)
      proofs++
    }
  }
  assert.equal(proofs, (41 * 42) / 2)
})

test('a damaged proof proves nothing: one bit, one hash less, one more, two exchanged', async () => {
  for (let to = 1; to <= sizeMax; to++) {
    for (let from = 1; from <= to; from++) {
      const proof = await consistencyProof(p, honest.hashAt, from, to)
      const judge = (damaged: readonly Bytes[]) =>
        grewFrom(p, headOf(honest, from), headOf(honest, to), damaged)
      for (const at of proof.keys()) {
        assert.equal(await judge(proof.map((hash, index) => (index === at ? flipped(hash) : hash))), false)
        assert.equal(await judge(proof.toSpliced(at, 1)), false)
        assert.equal(await judge(proof.map((hash, index) => (index === at ? hash.slice(1) : hash))), false)
      }
      assert.equal(await judge([...proof, new Uint8Array(32)]), false)
      if (proof.length > 1)
        assert.equal(await judge(proof.toReversed()), equalBytes(proof[0] as Bytes, proof.at(-1) as Bytes))
    }
  }
})

test('a log whose first entry was rewritten grew out of no honest state', async () => {
  for (let to = 1; to <= sizeMax; to++) {
    for (let from = 1; from <= to; from++) {
      const proof = await consistencyProof(p, rewritten.hashAt, from, to)
      assert.equal(
        await grewFrom(p, headOf(honest, from), headOf(rewritten, to), proof),
        false,
        `${from} → ${to}`,
      )
      const honestProof = await consistencyProof(p, honest.hashAt, from, to)
      assert.equal(await grewFrom(p, headOf(honest, from), headOf(rewritten, to), honestProof), false)
    }
  }
})

test('sizes that cannot be are refused and cost nothing', async () => {
  const { root } = headOf(honest, 5)
  for (const size of [-1, 0.5, Number.NaN, 2 ** 60, Number.POSITIVE_INFINITY]) {
    assert.equal(await grewFrom(p, { size: 1, root }, { size, root }, []), false)
    assert.equal(await includes(p, { leaf: root, index: 0, size, root, proof: [] }), false)
  }
  const long = Array.from({ length: 100 }, () => root)
  assert.equal(await grewFrom(p, { size: 3, root }, { size: Number.MAX_SAFE_INTEGER, root }, long), false)
  await assert.rejects(inclusionProof(p, honest.hashAt, 5, 5), RangeError)
  await assert.rejects(consistencyProof(p, honest.hashAt, 6, 5), RangeError)
})

test('an entry has one spelling', () => {
  const entry = {
    atMs: 5,
    actor: 'person:a',
    action: 'sign-in',
    device: undefined,
    detail: { z: 1, a: 'é"\u2028', m: true },
  }
  const text = new TextDecoder().decode(entryBytes(entry))
  assert.equal(
    text,
    '{"action":"sign-in","actor":"person:a","atMs":5,"detail":{"a":"é\\"\u2028","m":true,"z":1}}',
  )
  assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(entry)))
  assert.equal(canonical('a'), '"a"')
})
