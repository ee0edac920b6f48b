// Keys on their way: never in none, and never in two without its being written down, wherever it is cut off.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure, isFailure } from '@backstay/proto/failure'
import { type Kept, moveSecrets, settleSecrets } from './key-move.ts'
import type { Keychain } from './keychain.ts'
import { memoryKeychain } from './memory-keychain.ts'

type Place = 'file' | 'system'
const names = ['device', 'epoch-1', 'epoch-2']
const secretOf = (name: string) => new TextEncoder().encode(`secret of ${name}`)

class Cut extends Error {}

/** `steps`: how many deeds are done before all ends; `deed` is called before each. */
async function stage(
  steps: number,
  deed: (place: Place | 'written', what: string) => void = () => undefined,
) {
  const chains: Readonly<Record<Place, Keychain>> = { file: memoryKeychain(), system: memoryKeychain() }
  for (const name of names) await chains.file.set(name, secretOf(name))
  let kept: Kept<Place> = { choice: 'file', also: undefined }
  let left = steps
  const step = (place: Place | 'written', what: string) => {
    if (left-- <= 0) throw new Cut()
    deed(place, what)
  }
  const guarded = (place: Place): Keychain => ({
    async get(name) {
      step(place, 'get')
      return chains[place].get(name)
    },
    async set(name, secret) {
      step(place, 'set')
      await chains[place].set(name, secret)
    },
    async delete(name) {
      step(place, 'delete')
      return chains[place].delete(name)
    },
  })
  const parts = {
    async write(now: Kept<Place>) {
      step('written', `${now.choice} ${now.also}`)
      kept = now
    },
    open: async (place: Place) => guarded(place),
  }
  const holding = async () => {
    const held: Place[] = []
    for (const place of ['file', 'system'] as const) {
      const found = await Promise.all(names.map(name => chains[place].get(name)))
      if (found.some(secret => secret !== undefined)) held.push(place)
    }
    return held
  }
  return {
    ...{ parts, chains, holding },
    kept: () => kept,
    goOn: () => {
      left = Number.POSITIVE_INFINITY
    },
  }
}

test('cut off before any step, all secrets lie where it is written, and nowhere that is not written', async () => {
  let ends = 0
  let steps = 0
  for (; ends === 0; steps++) {
    const place = await stage(steps)
    await moveSecrets(place.parts, { from: 'file', to: 'system' }, names).then(
      () => ends++,
      error => assert.ok(error instanceof Cut),
    )
    const { choice, also } = place.kept()
    for (const name of names) assert.deepEqual(await place.chains[choice].get(name), secretOf(name))
    for (const one of await place.holding()) assert.ok(one === choice || one === also, `${steps}: ${one}`)
    place.goOn()
    await settleSecrets(place.parts, place.kept(), names)
    assert.deepEqual([place.kept(), await place.holding()], [{ choice, also: undefined }, [choice]])
  }
  assert.ok(steps > 12, `${steps} steps`)
})

test('a keychain that refuses, or keeps something else, leaves them where they were', async () => {
  const refusing = await stage(Number.POSITIVE_INFINITY, (place, what) => {
    if (place === 'system' && what === 'set') throw new Failure('keychain_unavailable', 'locked')
  })
  await assert.rejects(moveSecrets(refusing.parts, { from: 'file', to: 'system' }, names), error =>
    isFailure(error, 'keychain_unavailable'),
  )
  assert.deepEqual(
    [refusing.kept(), await refusing.holding()],
    [{ choice: 'file', also: undefined }, ['file']],
  )

  const forgetful = await stage(Number.POSITIVE_INFINITY)
  const { parts } = forgetful
  const other = { ...memoryKeychain(), get: async () => new Uint8Array(3) }
  const open = async (place: Place) => (place === 'system' ? other : parts.open(place))
  await assert.rejects(moveSecrets({ ...parts, open }, { from: 'file', to: 'system' }, names), error =>
    isFailure(error, 'keychain_unavailable'),
  )
  assert.equal(forgetful.kept().choice, 'file')
})

test('old ones that cannot be removed are written down, and the new ones are used', async () => {
  let isLocked = true
  const place = await stage(Number.POSITIVE_INFINITY, (where, what) => {
    if (isLocked && where === 'file' && what === 'delete') throw new Failure('keychain_unavailable', 'locked')
  })
  await moveSecrets(place.parts, { from: 'file', to: 'system' }, names)
  assert.deepEqual(place.kept(), { choice: 'system', also: 'file' })
  isLocked = false
  await settleSecrets(place.parts, place.kept(), names)
  assert.deepEqual([place.kept(), await place.holding()], [{ choice: 'system', also: undefined }, ['system']])
})
