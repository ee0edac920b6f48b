/** Ends threads in the middle of their work, again and again; prints how often. Nothing else keeps this process alive. */
import { writeSync } from 'node:fs'
import { backupThreads } from '../backup-threads.ts'

const rounds = 40
const keys = { epoch: 1, objectKey: new Uint8Array(32) }

for (let round = 0; round < rounds; round++) {
  await using threads = backupThreads(keys, 2)
  const { sealer } = threads
  await sealer.seal(sealer.buffer(1000), 'full')
  let answers = 0
  for (let i = 0; i < 6; i++) {
    const bytes = sealer.buffer(20_000 * (i + 1))
    sealer.seal(bytes, 'full').then(
      () => answers++,
      () => undefined,
    )
  }
  // Until some have answered: the answers of the others then meet the end.
  while (answers < round % 6) await new Promise(resolve => setImmediate(resolve))
}
writeSync(1, `${rounds}`)
