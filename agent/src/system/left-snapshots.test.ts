// Whatever ends an agent, its snapshots end with the next one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { remembered } from './left-snapshots.ts'
import type { VolumeSnapshots } from './volume-snapshot.ts'

/** A machine with snapshots, and a state folder; both outlive agents. */
function machine() {
  const standing = new Set<string>()
  const refused = new Set<string>()
  let noted: string | undefined
  let count = 0
  let isFull = false
  const system: VolumeSnapshots = {
    async take(volume) {
      const name = `${volume} ${++count}`
      standing.add(name)
      const over = async () => void standing.delete(name)
      return { path: utf8(name), name, [Symbol.asyncDispose]: over }
    },
    async remove(name) {
      if (refused.has(name)) return false
      standing.delete(name)
      return true
    },
  }
  const notebook = {
    read: async () => noted,
    async write(text: string) {
      if (isFull) throw new Error('no room')
      noted = text
    },
  }
  return {
    ...{ standing, refused },
    noted: () => noted,
    agent: () => remembered(system, notebook),
    fill() {
      isFull = true
    },
    spoil(text: string) {
      noted = text
    },
  }
}

test('what a killed agent left is removed before the next takes its own', async () => {
  const { standing, noted, agent } = machine()
  const killed = agent()
  await killed.take('C:')
  await killed.take('D:')
  assert.deepEqual([...standing], ['C: 1', 'D: 2'])
  const next = agent()
  const taken = await next.take('C:')
  assert.deepEqual([...standing], ['C: 3'])
  await taken[Symbol.asyncDispose]()
  assert.deepEqual([...standing], [])
  assert.equal(noted(), '')
})

test('what cannot be removed is tried again by the agent after that', async () => {
  const { standing, refused, agent } = machine()
  await agent().take('C:')
  refused.add('C: 1')
  const second = agent()
  await (await second.take('C:'))[Symbol.asyncDispose]()
  assert.deepEqual([...standing], ['C: 1'])
  refused.clear()
  await (await agent().take('C:'))[Symbol.asyncDispose]()
  assert.deepEqual([...standing], [])
})

test('an agent removes none of its own, and lines that it never wrote are no trouble', async () => {
  const { standing, agent, spoil } = machine()
  spoil('\n\nsomething else\n')
  const one = agent()
  const first = await one.take('C:')
  const second = await one.take('D:')
  assert.equal(standing.size, 2)
  await first[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
  assert.equal(standing.size, 0)
})

test('a notebook that cannot be written keeps nobody from a snapshot', async () => {
  const { standing, agent, fill } = machine()
  fill()
  const taken = await agent().take('C:')
  assert.equal(standing.size, 1)
  await taken[Symbol.asyncDispose]()
  assert.equal(standing.size, 0)
})
