/** The folders that a policy names on this device, where they really lie (proto/policy/expanded-roots.ts). */
import { lstatSync } from 'node:fs'
import type { Bytes } from '@backstay/proto/bytes'
import type { PolicyValues } from '@backstay/proto/policy/effective'
import { expandedRoots, type Machine, type PolicyRoot } from '@backstay/proto/policy/expanded-roots'
import { realPath } from '../system/real-path.ts'
import { thisMachine } from './machine.ts'

export interface ExpandOptions {
  readonly machine?: Machine
  readonly isThere?: (path: Bytes) => boolean
  /** Roots of filled-in names that were there lately: gone, they are reported and not left out. One character a byte. */
  readonly remembered?: ReadonlySet<string>
}

export function policyRoots(values: PolicyValues, options: ExpandOptions = {}): PolicyRoot[] {
  const { machine = thisMachine(), isThere = exists, remembered } = options
  // Not everybody has every folder; but one that was there must not be left out without a word.
  const isOrWas = (path: Bytes) =>
    isThere(path) || remembered?.has(Buffer.from(path).toString('latin1')) === true
  return expandedRoots(values, machine, isOrWas).map(root => ({ ...root, path: realPath(root.path) }))
}

function exists(path: Bytes): boolean {
  return lstatSync(Buffer.from(path), { throwIfNoEntry: false }) !== undefined
}
