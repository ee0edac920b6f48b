// Writes the known answers of the bytes at rest: node scripts/vectors/format.ts. The same at every run.
import { writeBorders, writeChunks, writeSipHash } from './cutting.ts'
import { writeDiffs, writeExtentTrees, writeKeysOfPaths, writePages } from './maps.ts'
import { writeNames } from './names.ts'
import { writeFrames, writeHeaders, writePadding } from './objects.ts'
import { writePacks } from './packs.ts'
import { writeSeals } from './sealing.ts'

const writers = [
  writeHeaders,
  writePadding,
  writeFrames,
  writePacks,
  writeSipHash,
  writeSeals,
  writeChunks,
  writeKeysOfPaths,
  writeBorders,
  writePages,
  writeExtentTrees,
  writeDiffs,
  writeNames,
]

for (const write of writers) await write()
