/** The folders that a policy names on this device, where they really lie (proto/policy/expanded-roots.ts). */
import type { Bytes } from '@backstay/proto/bytes'
import type { PolicyValues } from '@backstay/proto/policy/effective'
import { expandedRoots, type Machine, type PolicyRoot } from '@backstay/proto/policy/expanded-roots'
import { type PathCalls, pathCalls } from '../system/path-calls.ts'
import { pathKey } from '../system/path-key.ts'
import { thisMachine } from './machine.ts'

export interface ExpandOptions {
  /** Who looks; what may never answer is looked at by others. */
  readonly paths?: PathCalls
  readonly machine?: Machine
  /** Roots of filled-in names that were there lately: gone, they are reported and not left out. One character a byte. */
  readonly remembered?: ReadonlySet<string>
}

export function policyRoots(values: PolicyValues, options: ExpandOptions = {}): PolicyRoot[] {
  const { paths = pathCalls, machine = thisMachine(paths), remembered } = options
  // Not everybody has every folder; but one that was there must not be left out without a word.
  const isOrWas = (path: Bytes) => paths.exists(path) || remembered?.has(pathKey(path)) === true
  return expandedRoots(values, machine, isOrWas).map(root => ({ ...root, path: paths.realPath(root.path) }))
}
