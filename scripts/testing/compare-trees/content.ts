/** The bytes of two files; holes that both have are not read. */
import type { Handle, System } from '@backstay/agent/system/system'
import type { Bytes } from '@backstay/proto/bytes'
import type { Found, Side } from '../compare-trees.ts'

const bufferBytes = 1024 * 1024
const bufferA = new Uint8Array(bufferBytes)
const bufferB = new Uint8Array(bufferBytes)

export function contentDifference(system: System, a: Side, b: Side): Found[] {
  if (a.stat.size !== b.stat.size) {
    return [{ kind: 'content', detail: `${a.stat.size} → ${b.stat.size} bytes` }]
  }
  const fileA = system.openFile(a.folder, a.name)
  try {
    const fileB = system.openFile(b.folder, b.name)
    try {
      const at = firstDifference(system, fileA, fileB, a.stat.size)
      return at === undefined ? [] : [{ kind: 'content', detail: `from byte ${at} on` }]
    } finally {
      system.close(fileB)
    }
  } finally {
    system.close(fileA)
  }
}

/** A position near the first byte that differs. */
function firstDifference(system: System, a: Handle, b: Handle, size: number): number | undefined {
  for (let at = 0; at < size; ) {
    at = Math.min(system.seekData(a, at) ?? at, system.seekData(b, at) ?? at)
    if (at >= size) return undefined
    const chunkA = readWhole(system, a, bufferA, at)
    const chunkB = readWhole(system, b, bufferB, at)
    if (chunkA.length === 0 || !sameBytes(chunkA, chunkB)) return at + firstByte(chunkA, chunkB)
    at += chunkA.length
  }
  return undefined
}

function readWhole(system: System, file: Handle, buffer: Bytes, position: number): Bytes {
  let filled = 0
  while (filled < buffer.length) {
    const length = system.read(file, buffer.subarray(filled), position + filled)
    if (length === 0) break
    filled += length
  }
  return buffer.subarray(0, filled)
}

/** Buffer.compare is memcmp; ours is a loop. */
const sameBytes = (a: Bytes, b: Bytes): boolean => Buffer.compare(a, b) === 0

function firstByte(a: Bytes, b: Bytes): number {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  return at
}
