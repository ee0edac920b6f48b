/**
 * Snapshots outlive the process that took them. Their names are noted while they stand, so that what an agent left that was killed
 * is removed by the next one, before it takes its own.
 */
import type { VolumeSnapshot, VolumeSnapshots } from './volume-snapshot.ts'

/** What survives this process. */
export interface Notebook {
  /** Undefined when nothing was ever noted. */
  read(): Promise<string | undefined>
  write(text: string): Promise<void>
}

/** A system that refuses to remove them would fill the notebook: the oldest go. */
const namesMax = 64

export function remembered(snapshots: VolumeSnapshots, notebook: Notebook): VolumeSnapshots {
  const standing = new Set<string>()
  let isSwept = false

  /** Of agents before this one. What cannot be removed now is tried again by the next. */
  async function sweep(): Promise<void> {
    isSwept = true
    const noted = (await notebook.read().catch(() => undefined)) ?? ''
    for (const name of noted.split('\n')) {
      if (name !== '' && !(await snapshots.remove(name))) standing.add(name)
    }
    if (noted !== '') await note()
  }

  // A full disk is no reason to go without a snapshot.
  const note = () => notebook.write([...standing].slice(-namesMax).join('\n')).catch(() => undefined)

  return {
    ...snapshots,
    async take(volume, signal): Promise<VolumeSnapshot> {
      if (!isSwept) await sweep()
      const taken = await snapshots.take(volume, signal)
      const { name } = taken
      if (name === undefined) return taken
      standing.add(name)
      await note()
      return {
        ...taken,
        async [Symbol.asyncDispose]() {
          await taken[Symbol.asyncDispose]()
          standing.delete(name)
          await note()
        },
      }
    },
  }
}
