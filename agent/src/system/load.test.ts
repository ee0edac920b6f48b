import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { type Koffi, loadLinuxCalls } from './linux-calls.ts'
import { loadSystem } from './load.ts'

test('without koffi the agent refuses and says what to do', async () => {
  const missing = async (): Promise<Koffi> => {
    throw new Error('Cannot find the native Koffi module')
  }
  await assert.rejects(loadLinuxCalls(missing), error => {
    assert(isFailure(error, 'no_system_calls'))
    assert.match(error.message, /koffi: Cannot find the native/)
    assert.match(error.hint ?? '', /npm ci/)
    return true
  })
})

test('a libc without one of the symbols is refused, by name', async () => {
  const old = async (): Promise<Koffi> => ({
    load: () => ({
      func(definition) {
        if (definition.includes('statx')) throw new Error("Cannot find function 'statx' in shared library")
        return () => 0
      },
    }),
    errno: () => 0,
    address: () => 0n,
  })
  await assert.rejects(loadLinuxCalls(old), error => {
    return isFailure(error, 'no_system_calls') && error.message.includes('statx')
  })
})

test('another platform is refused', async () => {
  await assert.rejects(loadSystem('plan9'), error => isFailure(error, 'no_system_calls'))
})
