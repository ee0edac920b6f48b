/** Which groups somebody sees; none ticked: all. */
import type { policyRoutes } from '@backstay/proto/rest/policies'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { useAsk } from '../../api/queries.ts'
import { Tick } from '../../parts/controls.tsx'
import { counted } from '../../words/bytes.ts'

export interface GroupTicksProps {
  readonly chosen: readonly string[]
  readonly onChange: (groups: readonly string[]) => void
}

export function GroupTicks({ chosen, onChange }: GroupTicksProps) {
  const { data } = useAsk<AnswerOf<typeof policyRoutes.groups>>('/groups')
  const groups = (data?.items ?? []).filter(({ retired }) => !retired)
  if (groups.length === 0) return null
  return (
    <fieldset className="plain-set">
      <legend className="field-label">Sees (none ticked: the whole fleet)</legend>
      <div className="roles">
        {groups.map(({ id, name }) => (
          <Tick
            key={id}
            isSelected={chosen.includes(id)}
            onChange={is => onChange(is ? [...chosen, id] : chosen.filter(one => one !== id))}
          >
            {name}
          </Tick>
        ))}
      </div>
    </fieldset>
  )
}

export function groupsText(groups: readonly string[] | undefined): string {
  return groups === undefined ? 'the whole fleet' : counted(groups.length, 'group')
}
