/** What a group may be called and where it may stand. Rules of whoever signs: a device follows what it is given, as far as it goes. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { groupDepthMax, type Standing } from '@backstay/proto/policy/standing'
import type { Group } from '@backstay/proto/trust/group'
import { requireName } from '@backstay/proto/trust/key-fields'

type Wished = Pick<Group, 'id' | 'name' | 'parent' | 'retired'>

/** Throws `bad_name`, `name_taken`, `unknown_group`, `retired_group`, `in_itself`, `too_deep`. */
export function requireSoundGroup({ groups }: Pick<Standing, 'groups'>, wished: Wished): void {
  const { id, name, parent, retired } = wished
  const before = groups.get(hex(id))
  requireName('the name of a group', name)
  const isTaken = [...groups.values()].some(
    group => group.name === name && !group.retired && hex(group.id) !== hex(id),
  )
  if (isTaken && !retired) throw new Failure('name_taken', `there is a group "${name}" already`)
  const isMoved = before === undefined || (before.parent && hex(before.parent)) !== (parent && hex(parent))
  if (parent === undefined || !isMoved) return
  const above = groups.get(hex(parent))
  if (above === undefined) throw new Failure('unknown_group', 'the group that it shall stand in is unknown')
  if (above.retired) throw new Failure('retired_group', `group "${above.name}" is retired`)
  const chain = chainUp(groups, parent)
  if (chain.includes(hex(id))) {
    throw new Failure('in_itself', `group "${name}" would stand in itself`, {
      hint: 'move the inner group out first',
    })
  }
  if (chain.length + heightOf(groups, id) > groupDepthMax)
    throw new Failure('too_deep', `groups stand in one another at most ${groupDepthMax} deep`)
}

/** From a group outwards, as far as a device would follow it. */
function chainUp(groups: Standing['groups'], from: Bytes): string[] {
  const chain: string[] = []
  for (let at: Bytes | undefined = from; at !== undefined && !chain.includes(hex(at)); ) {
    chain.push(hex(at))
    at = groups.get(hex(at))?.parent
  }
  return chain
}

/** Groups on the longest way inwards, itself included. A ring that somebody signed ends where it closes. */
function heightOf(groups: Standing['groups'], id: Bytes, seen: readonly string[] = []): number {
  const own = hex(id)
  if (seen.includes(own)) return 0
  const inner = [...groups.values()].filter(group => group.parent !== undefined && hex(group.parent) === own)
  return 1 + Math.max(0, ...inner.map(group => heightOf(groups, group.id, [...seen, own])))
}
