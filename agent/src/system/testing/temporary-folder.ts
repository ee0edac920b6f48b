/** A folder of its own for a test, with a handle; removed afterwards whatever lies in it. */
import { mkdirSync, mkdtempSync } from 'node:fs'
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

export async function temporaryFolder(
  parent = tmpdir(),
  load: () => Promise<System> = loadSystem,
): Promise<TemporaryFolder> {
  const system = await load()
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

const quietNames = ['backup', 'unread', 'lost', 'partial', 'worn', 'names', 'listing', 'archive'] as const

/**
 * A place in which nothing comes and goes but what this test file makes: folders on the way to a root are part of a snapshot,
 * and change when something beside is made. So all such places are made together, once, and left behind empty.
 */
export function quietFolder(name: (typeof quietNames)[number]): string {
  const top = join('/var/tmp', `backstay-quiet-${process.geteuid?.() ?? 0}`)
  for (const one of quietNames) mkdirSync(join(top, one), { recursive: true, mode: 0o700 })
  return join(top, name)
}
