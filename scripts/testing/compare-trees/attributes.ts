/** Extended attributes and ACLs of two entries. */
import type { System } from '@backstay/agent/system/system'
import { hex } from '@backstay/proto/bytes'
import type { Attribute } from '@backstay/proto/content/entry'
import { type Found, printable, type Side } from '../compare-trees.ts'

const aclPrefix = 'system.posix_acl_'

export function attributeDifferences(system: System, a: Side, b: Side): Found[] {
  const before = byName(system.attributesAt(a.folder, a.name))
  const after = byName(system.attributesAt(b.folder, b.name))
  const found: Found[] = []
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(name), after.get(name)]
    if (was === is) continue
    const what = is === undefined ? 'lost' : was === undefined ? 'added' : 'changed'
    found.push({ kind: name.startsWith(aclPrefix) ? 'acl' : 'attributes', detail: `${what} ${name}` })
  }
  return found
}

function byName(attributes: readonly Attribute[]): Map<string, string> {
  return new Map(attributes.map(({ name, value }) => [printable(name), hex(value)]))
}
