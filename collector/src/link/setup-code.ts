/** The secret that a new collector prints. It lies beside the collector's keys until the fleet is founded. */
import { join } from 'node:path'
import { type Bytes, equalSecret, fromHex, hex } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'
import { setupCodeBytes } from '@backstay/proto/trust/setup'
import { readSecret, removeSecret, writeSecret } from '../secret-file.ts'
import type { SetupCode } from './admit.ts'

export interface PrintedSetupCode extends SetupCode {
  /** Undefined when the fleet was founded. Never logged. */
  readonly code: Bytes | undefined
}

/** `founded` without a code: nothing to print. A code that is still there although founded: the founding broke off. */
export async function openSetupCode(
  p: Primitives,
  folder: string,
  founded: boolean,
): Promise<PrintedSetupCode> {
  const path = join(folder, 'setup-code')
  let code = fromHex((await readSecret(path))?.trim() ?? '')
  if (code?.length !== setupCodeBytes) code = undefined
  if (code === undefined && !founded) {
    code = p.random(setupCodeBytes)
    await writeSecret(path, `${hex(code)}\n`)
  }
  return {
    get code() {
      return code
    },
    get open() {
      return code !== undefined
    },
    async matches(given) {
      return code !== undefined && equalSecret(given, code)
    },
    async close() {
      code = undefined
      await removeSecret(path)
    },
  }
}
