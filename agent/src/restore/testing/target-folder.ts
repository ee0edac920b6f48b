/** A target in a temporary folder, with an outside that must stay as it is. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { utf8 } from '@backstay/proto/bytes'
import type { System } from '../../system/system.ts'
import { type TemporaryFolder, temporaryFolder } from '../../system/testing/temporary-folder.ts'
import { openTarget, type Target, type TargetOptions } from '../target.ts'

export interface TargetFolder extends Disposable {
  readonly system: System
  /** Of the target. */
  readonly path: string
  readonly outside: string
  open(options?: Partial<TargetOptions>, system?: System): Target
  read(name: string): string
  names(below?: string): string[]
  /** Throws when the outside changed. */
  outsideIsUntouched(): void
}

const secret = 'must stay as it is'

export async function targetFolder(): Promise<TargetFolder> {
  const parent: TemporaryFolder = await temporaryFolder()
  const target = join(parent.path, 'target')
  const outside = join(parent.path, 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), secret, { mode: 0o600 })
  const { system } = parent
  return {
    system,
    path: target,
    outside,
    open: (options = {}, seam = system) =>
      openTarget(seam, utf8(target), { asRoot: false, ownership: true, conflict: 'suffix', ...options }),
    read: name => readFileSync(join(target, name), 'utf8'),
    names: (below = '.') => readdirSync(join(target, below)).sort(),
    outsideIsUntouched() {
      const names = readdirSync(outside)
      if (names.length !== 1) throw new Error(`something came to the outside: ${names}`)
      const stat = system.statAt(parent.handle, utf8('outside'))
      if (readFileSync(join(outside, 'secret'), 'utf8') !== secret) throw new Error('the outside was changed')
      if (stat.mode !== 0o755 && stat.mode !== 0o775) throw new Error('the outside got another mode')
    },
    [Symbol.dispose]: () => parent[Symbol.dispose](),
  }
}
