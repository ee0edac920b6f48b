import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { emptyStat } from '../system/system.ts'
import { ahead, type Left, stepsAhead } from './ahead.ts'
import type { Step } from './walk.ts'

/** A system that only counts what is open. */
function doors(refuse = false) {
  const open = new Set<number>()
  let last = 100
  return {
    open,
    tryOpenFile() {
      if (refuse) return -13
      open.add(++last)
      return last
    },
    advise: () => undefined,
    close: (handle: number) => void assert.ok(open.delete(handle), `${handle} was open`),
  }
}

function file(name: string): Step {
  return { kind: 'found', key: utf8(name), folder: 3, name: utf8(name), stat: { ...emptyStat(), size: 1 } }
}

function* manyFiles(count: number): Generator<Step | Left> {
  for (let index = 0; index < count; index++) yield file(`${index}`)
}

const nameOf = (step: Step) => ('name' in step ? new TextDecoder().decode(step.name) : step.kind)

test('keeps the order, gives each file opened, and leaves nothing open', () => {
  const system = doors()
  const names: string[] = []
  for (const step of ahead(manyFiles(100), { system, willRead: () => true })) {
    assert.ok(step.kind === 'found' && step.opened !== undefined && system.open.has(step.opened))
    assert.ok(system.open.size <= stepsAhead + 1)
    names.push(nameOf(step))
  }
  assert.deepEqual(
    names,
    Array.from({ length: 100 }, (_, index) => `${index}`),
  )
  assert.equal(system.open.size, 0)
})

test('closes everything when nobody wants the rest', () => {
  const system = doors()
  for (const _ of ahead(manyFiles(100), { system, willRead: () => true })) break
  assert.equal(system.open.size, 0)
})

test('a folder is closed when all steps before are used, and not earlier', () => {
  const system = doors(true)
  system.open.add(3)
  const steps = [file('a'), file('b'), { kind: 'left', handle: 3 } as const]
  for (const step of ahead(steps, { system, willRead: () => true })) {
    assert.ok(system.open.has(3), `still open at ${nameOf(step)}`)
    assert.ok(step.kind === 'found' && step.opened === undefined)
  }
  assert.equal(system.open.size, 0)
})

test('opens nothing that will not be read', () => {
  const system = doors()
  for (const step of ahead(manyFiles(50), { system, willRead: () => false })) {
    assert.ok(step.kind === 'found' && step.opened === undefined)
  }
})
