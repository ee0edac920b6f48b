import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { groupDepthMax } from '@backstay/proto/policy/standing'
import type { Group } from '@backstay/proto/trust/group'
import { requireSoundGroup } from './group-rules.ts'

const idOf = (number: number) => new Uint8Array(16).fill(number)
const group = (number: number, parent?: number, changes: Partial<Group> = {}): Group => ({
  ...{ kind: 'group', id: idOf(number), name: `group ${number}`, retired: false },
  parent: parent === undefined ? undefined : idOf(parent),
  // The rules do not look at it.
  order: {} as Group['order'],
  ...changes,
})
const standing = (...groups: readonly Group[]) => ({ groups: new Map(groups.map(one => [hex(one.id), one])) })
const refused = (before: ReturnType<typeof standing>, wished: Group) => {
  try {
    requireSoundGroup(before, wished)
    return 'sound'
  } catch (error) {
    return isFailure(error) ? error.code : assert.fail()
  }
}

test('a group has a name of its own, and may keep it', () => {
  const before = standing(group(1), group(2, undefined, { retired: true }))
  assert.equal(refused(before, group(3)), 'sound')
  assert.equal(refused(before, group(3, undefined, { name: 'group 1' })), 'name_taken')
  assert.equal(refused(before, group(3, undefined, { name: 'group 2' })), 'sound')
  assert.equal(refused(before, group(1)), 'sound')
  for (const name of ['', '  ', 'a\nb', 'x'.repeat(2000)])
    assert.equal(refused(before, group(3, undefined, { name })), 'bad_name')
})

test('a group stands in no group of its own, in none that is retired or unknown, and not too deep', () => {
  const before = standing(group(1), group(2, 1), group(3, 2), group(9, undefined, { retired: true }))
  assert.equal(refused(before, group(1, 3)), 'in_itself')
  assert.equal(refused(before, group(2, 2)), 'in_itself')
  assert.equal(refused(before, group(4, 9)), 'retired_group')
  assert.equal(refused(before, group(4, 8)), 'unknown_group')
  assert.equal(refused(before, group(3, 1)), 'sound')
  const deep = Array.from({ length: groupDepthMax }, (_, index) =>
    group(index + 1, index === 0 ? undefined : index),
  )
  assert.equal(refused(standing(...deep), group(50, groupDepthMax)), 'too_deep')
  assert.equal(refused(standing(...deep), group(50, groupDepthMax - 1)), 'sound')
  // Three that stand in one another do not fit where one would.
  const tower = [group(60), group(61, 60), group(62, 61)]
  assert.equal(refused(standing(...deep, ...tower), group(60, groupDepthMax - 2)), 'too_deep')
  assert.equal(refused(standing(...deep, ...tower), group(60, groupDepthMax - 3)), 'sound')
})

test('a ring that somebody signed does not keep its groups from being renamed or taken out', () => {
  const before = standing(group(1, 2), group(2, 1))
  assert.equal(refused(before, group(1, 2, { name: 'out' })), 'sound')
  assert.equal(refused(before, group(1)), 'sound')
})
