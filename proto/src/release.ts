/**
 * Frees the memory behind bytes that nobody uses any more, at once. The garbage collector counts megabytes outside its
 * heap only roughly and lets some 64 MiB of them gather in every thread before it looks.
 */
import type { Bytes } from './bytes.ts'

/** Smaller ones may share their memory with others: Node's small Buffers, and what it reads at a time, are parts of 64 KiB. */
const alonePastBytes = 72 * 1024

/** `bytes`, and all other views of the same memory, are empty afterwards. Of small ones nothing happens. */
export function release(bytes: Bytes): void {
  const { buffer } = bytes
  if (buffer instanceof ArrayBuffer && buffer.byteLength > alonePastBytes && !buffer.detached)
    buffer.transfer(0)
}
