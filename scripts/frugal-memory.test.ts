// How malloc is told to be frugal: a service by its unit, a command by its launcher, and a thread that has sealed by itself.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { frugal } from '@backstay/agent/system/linux-memory'
import { frugalEnvironment } from './pinned-node.mjs'

test('malloc is told the same wherever it is told', () => {
  const unit = readFileSync(join(import.meta.dirname, '../installers/linux/backstay-agent.service'), 'utf8')
  const words = /^Environment=(MALLOC_.*)$/m.exec(unit)?.[1]?.split(' ') ?? []
  assert.deepEqual(Object.fromEntries(words.map(word => word.split('='))), frugalEnvironment)
  const { MALLOC_MMAP_THRESHOLD_: mmapThreshold, MALLOC_TRIM_THRESHOLD_: trimThreshold } = frugalEnvironment
  assert.deepEqual(frugal, { mmapThreshold: Number(mmapThreshold), trimThreshold: Number(trimThreshold) })
})
