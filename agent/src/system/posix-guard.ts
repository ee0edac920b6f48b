/** Who may change a file on Linux and macOS, by owner and mode. */
import type { Guarding, Reading } from './system.ts'

const root = 0
const othersMayWrite = 0o022

/** Above, too, nobody else may write: one bit says that names may be added and that they may be exchanged. */
export function posixGuard({ statAt }: Pick<Reading, 'statAt'>): Guarding {
  return {
    isGuarded(at, name) {
      const { uid, mode } = statAt(at, name)
      return uid === root && (mode & othersMayWrite) === 0
    },
  }
}
