/** What a layer says by itself, and what comes to it from the layers around it: the same rule as in policy/effective.ts. */
import type { GroupItem } from '@backstay/proto/rest/policies'
import type { PolicyLayer, SettingView } from '@backstay/proto/rest/settings'

/** The fleet, or a group. */
export interface Target {
  /** '' for the fleet. */
  readonly id: string
  readonly name: string
}

export interface Row {
  readonly key: string
  /** What counts here. */
  readonly shown: SettingView
  readonly source: Target
  /** This layer's own, when it sets one. */
  readonly own: SettingView | undefined
  /** An outer layer locked it: what this layer says does not count. */
  readonly isHeld: boolean
}

/** From the fleet inwards. A ring of groups, which no admin can sign, would end the walk. */
export function chainOf(id: string, groups: readonly GroupItem[]): Target[] {
  const chain: Target[] = []
  for (let at = groups.find(group => group.id === id); at !== undefined && chain.length < groups.length; ) {
    chain.unshift({ id: at.id, name: at.name })
    const parent = at.parent
    at = groups.find(group => group.id === parent)
  }
  return [{ id: '', name: 'Fleet' }, ...chain]
}

export function rowsOf(id: string, groups: readonly GroupItem[], layers: readonly PolicyLayer[]): Row[] {
  const found = new Map<string, Row>()
  for (const target of chainOf(id, groups)) {
    const settings = layers.find(({ audience }) => audience === target.id)?.settings ?? []
    for (const setting of settings) {
      const before = found.get(setting.key)
      const own = target.id === id ? setting : undefined
      if (before?.shown.locked) found.set(setting.key, { ...before, own, isHeld: own !== undefined })
      else found.set(setting.key, { key: setting.key, shown: setting, source: target, own, isHeld: false })
    }
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** A group and all that stand in it, however deep. */
export function insideOf(id: string, groups: readonly GroupItem[]): readonly string[] {
  const found = [id]
  for (const one of found)
    found.push(
      ...groups.flatMap(group => (group.parent === one && !found.includes(group.id) ? group.id : [])),
    )
  return found
}

export interface TreeLine {
  readonly group: GroupItem
  readonly depth: number
}

/** Groups below their parents, by name; those whose parent is unknown stand at the top. */
export function treeOf(groups: readonly GroupItem[]): TreeLine[] {
  const shown = groups.filter(({ retired }) => !retired)
  const known = new Set(shown.map(({ id }) => id))
  const below = (parent: string | undefined, depth: number): TreeLine[] =>
    depth > shown.length
      ? []
      : shown
          .filter(
            group =>
              (group.parent !== undefined && known.has(group.parent) ? group.parent : undefined) === parent,
          )
          .sort((a, b) => a.name.localeCompare(b.name))
          .flatMap(group => [{ group, depth }, ...below(group.id, depth + 1)])
  return below(undefined, 0)
}
