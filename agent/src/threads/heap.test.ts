import assert from 'node:assert/strict'
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { arrived } from './heap.ts'

type GcEntry = PerformanceEntry & { readonly detail: { readonly kind: number } }

const MiB = 1024 * 1024

test('what was read into is thrown away before the whole heap has to be looked through', async () => {
  const kinds: number[] = []
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries() as GcEntry[]) kinds.push(entry.detail.kind)
  })
  observer.observe({ entryTypes: ['gc'] })
  const before = process.memoryUsage().arrayBuffers
  for (let at = 0; at < 256 * MiB; at += MiB) {
    for (let piece = 0; piece < 64; piece++) Buffer.from(new ArrayBuffer(16 * 1024)).fill(1)
    arrived(MiB)
    if (at % (16 * MiB) === 0) await setTimeout(1)
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 32 * MiB, 'nothing of it stays for long')
  await setTimeout(10)
  observer.disconnect()
  assert.ok(
    kinds.filter(kind => kind === constants.NODE_PERFORMANCE_GC_MINOR).length >= 15,
    'young objects were looked through',
  )
})
