/** A folder of its own for a test, with a handle; removed afterwards whatever lies in it. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '@backstay/proto/bytes'
import { loadSystem } from '../load.ts'
import { removeTree } from '../remove-tree.ts'
import { fromRoot, type Handle, type System } from '../system.ts'

export interface TemporaryFolder extends Disposable {
  readonly system: System
  readonly path: string
  readonly handle: Handle
}

export async function temporaryFolder(parent = tmpdir()): Promise<TemporaryFolder> {
  const system = await loadSystem()
  const path = mkdtempSync(join(parent, 'backstay-test-'))
  const handle = system.openFolder(fromRoot, utf8(path))
  return {
    system,
    path,
    handle,
    [Symbol.dispose]() {
      system.close(handle)
      removeTree(system, fromRoot, utf8(path))
    },
  }
}
