/** How much garbage may wait. */
import { setFlagsFromString } from 'node:v8'

/**
 * Lets the heap grow to three times what is in use before it is looked through. The launcher allows half, since an agent
 * that is always there must be small; a restore is there for a while. Measured in pairs on a source tree: 7 % less CPU.
 */
export function letHeapGrow(): void {
  setFlagsFromString('--heap-growing-percent=200')
}
