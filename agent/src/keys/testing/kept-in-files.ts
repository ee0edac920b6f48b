/** What an agent without a state folder says of its keys: they lie in files, and are not moved. */
import type { KeyStore } from '../key-store.ts'

export const keptInFiles: Pick<KeyStore, 'kind' | 'copies' | 'move' | 'settle'> = {
  kind: async () => 'file',
  copies: async () => undefined,
  move: async () => undefined,
  settle: async () => undefined,
}
