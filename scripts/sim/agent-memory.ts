/** The file of an agent's memory across a loss of power: SQLite loses whole transactions, and a disk may lose the file. */
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../testing/random.ts'

export interface AgentMemoryFile {
  /** Before an agent begins: what may come back later is kept. */
  keepOlder(): void
  /** When the power went and nobody has it open: what became of it. */
  lose(): 'kept' | 'older' | 'lost' | 'damaged'
}

export function agentMemoryFile(state: string, random: Random): AgentMemoryFile {
  const file = join(state, 'memory.sqlite')
  const older = join(state, 'older.sqlite')
  return {
    keepOlder() {
      rmSync(older, { force: true })
      if (existsSync(file)) copyFileSync(file, older)
    },
    lose() {
      const fate = random.pick(['kept', 'kept', 'older', 'lost', 'damaged'] as const)
      if (fate === 'kept') return fate
      for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true })
      if (fate === 'older' && existsSync(older)) copyFileSync(older, file)
      if (fate === 'damaged') writeFileSync(file, random.bytes(8192))
      return fate
    },
  }
}
