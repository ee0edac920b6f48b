/** What kind of entry a number stands for: the same on every system that grew out of Unix. */
import type { NodeKind } from '@backstay/proto/content/entry'

/** File type of a mode, shifted right by 12; also what a listed name has as d_type. */
export const typeNumber: Readonly<Record<NodeKind, number>> = {
  fifo: 1,
  character_device: 2,
  folder: 4,
  block_device: 6,
  file: 8,
  symlink: 10,
  socket: 12,
}

export const kindOfType: readonly (NodeKind | undefined)[] = Array.from({ length: 16 }, (_, type) =>
  (Object.keys(typeNumber) as NodeKind[]).find(kind => typeNumber[kind] === type),
)
