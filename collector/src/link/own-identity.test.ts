// The keys of a collector and those that take their place: at no moment none, and no moment with keys that Trust does not name.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { hex } from '@backstay/proto/bytes'
import { nodePrimitives as p } from '@backstay/proto/node'
import { testNowMs, testTrustDocument } from '@backstay/proto/trust/testing/fleet'
import { type CollectorIdentity, makeNextIdentity, nextIdentity, openIdentity } from './own-identity.ts'

const top = mkdtempSync(join(tmpdir(), 'backstay-identity-'))
after(() => rmSync(top, { recursive: true }))
let folders = 0
const newFolder = () => join(top, String(++folders))
const open = (folder: string, ...named: readonly CollectorIdentity[]) =>
  trustOf(...named).then(trust => openIdentity(p, folder, testNowMs, trust))

async function trustOf(...named: readonly CollectorIdentity[]) {
  if (named.length === 0) return undefined
  const collectors = named.map(({ key, spkiPin }) => {
    return { key: key.publicKey, spkiPins: [spkiPin], binding: 'tls_exporter' } as const
  })
  return testTrustDocument(p, { collectors })
}

const keyOf = ({ key }: CollectorIdentity) => hex(key.publicKey)

test('keys for later wait until Trust names them alone, and then the old ones are gone', async () => {
  const folder = newFolder()
  const first = await open(folder)
  const { today, next } = await makeNextIdentity(p, folder, testNowMs)
  assert.equal(keyOf(today), keyOf(first))
  assert.equal(keyOf((await makeNextIdentity(p, folder, testNowMs)).next), keyOf(next), 'made once')
  const old = readFileSync(join(folder, 'collector-keys.json'), 'utf8')
  assert.equal(keyOf(await open(folder, first)), keyOf(first))
  assert.equal(keyOf(await open(folder, first, next)), keyOf(first), 'announced is not used')
  assert.equal(keyOf(await open(folder, next)), keyOf(next))
  assert.equal(keyOf(await open(folder)), keyOf(next))
  assert.equal(await nextIdentity(p, folder), undefined)
  for (const name of readdirSync(folder)) assert.notEqual(readFileSync(join(folder, name), 'utf8'), old)
})

test('Trust that names others changes nothing on the disk', async () => {
  const [folder, elsewhere] = [newFolder(), newFolder()]
  const [first, stranger] = [await open(folder), await open(elsewhere)]
  const { next } = await makeNextIdentity(p, folder, testNowMs)
  assert.equal(keyOf(await open(folder, stranger)), keyOf(first))
  assert.equal(keyOf((await nextIdentity(p, folder)) ?? assert.fail()), keyOf(next))
})

test('where no collector ran no keys are made, and damaged ones are named', async () => {
  await assert.rejects(makeNextIdentity(p, newFolder(), testNowMs), { code: 'no_identity' })
  const folder = newFolder()
  const first = await open(folder)
  const { next } = await makeNextIdentity(p, folder, testNowMs)
  writeFileSync(join(folder, 'next-collector-keys.json'), '{"seed":"00"}')
  assert.equal(keyOf(await open(folder, first)), keyOf(first), 'what is not needed is not read')
  await assert.rejects(open(folder, next), { code: 'identity_damaged' })
})
