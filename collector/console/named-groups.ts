import { Failure } from '@backstay/proto/failure'
import type { GroupItem } from '@backstay/proto/rest/policies'
import type { CollectorRest } from './collector-rest.ts'

/** Ids of groups that were named, or given by their ids. Throws `unknown_group`. */
export async function groupIds(rest: CollectorRest, wanted: readonly string[]): Promise<readonly string[]> {
  const { items } = await rest.get<{ readonly items: readonly GroupItem[] }>('/groups')
  return wanted.map(text => {
    const found = items.find(({ id, name }) => name === text || id === text.toLowerCase())
    if (found !== undefined) return found.id
    throw new Failure('unknown_group', `there is no group "${text}"`, {
      hint: 'list them: backstay policy groups',
    })
  })
}
