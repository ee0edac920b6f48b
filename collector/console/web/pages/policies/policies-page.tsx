/** What will this change do? Groups on the left; what counts for the chosen one, and from where, on the right. */
import type { GroupItem, policyRoutes } from '@backstay/proto/rest/policies'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useAsk } from '../../api/queries.ts'
import { Button } from '../../parts/controls.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { Coming, Trouble } from '../../parts/saying.tsx'
import { useAddress } from '../../words/address.ts'
import { numberText } from '../../words/bytes.ts'
import { GroupBar } from './group-bar.tsx'
import { GroupDialog } from './group-dialog.tsx'
import { History } from './history.tsx'
import { LayerPanel } from './layer-panel.tsx'
import { treeOf } from './layers.ts'
import './policies.css'
import { Rollout } from './rollout.tsx'

type Layers = AnswerOf<typeof policyRoutes.list>
type Groups = AnswerOf<typeof policyRoutes.groups>

export function PoliciesPage() {
  const [address] = useAddress()
  const groups = useAsk<Groups>('/groups')
  const layers = useAsk<Layers>('/policies')
  const chosen = address.get('layer') ?? 'fleet'
  const group = groups.data?.items.find(({ id }) => id === chosen)
  const error = groups.error ?? layers.error
  return (
    <Page
      title="Policies"
      about="What is backed up, when, and how long it is kept. Devices obey only what an admin signed."
    >
      {error !== null && <Trouble error={error} safe="Devices go on obeying what they have." />}
      <div className="policies">
        <Tree groups={groups.data?.items} chosen={chosen} />
        <div className="stack wide">
          {groups.data === undefined || layers.data === undefined ? (
            <Panel title=" ">
              <Coming lines={8} />
            </Panel>
          ) : (
            <>
              {group !== undefined && <GroupBar group={group} groups={groups.data.items} />}
              <LayerPanel
                key={chosen}
                id={chosen === 'fleet' ? '' : chosen}
                groups={groups.data.items}
                layers={layers.data.items}
              />
            </>
          )}
          <Rollout />
          <History audience={chosen === 'fleet' ? '' : chosen} />
        </div>
      </div>
    </Page>
  )
}

function Tree({
  groups,
  chosen,
}: {
  readonly groups: readonly GroupItem[] | undefined
  readonly chosen: string
}) {
  const [, change] = useAddress()
  const [isMaking, setMaking] = useState(false)
  const line = (id: string, name: string, depth: number, count?: number) => (
    <li key={id}>
      <button
        type="button"
        className="tree-line"
        style={{ paddingLeft: 12 + depth * 16 }}
        aria-current={id === chosen ? 'true' : undefined}
        onClick={() => change({ layer: id === 'fleet' ? undefined : id }, true)}
      >
        <span className="one-line">{name}</span>
        {count !== undefined && <span className="faint push">{numberText(count)}</span>}
      </button>
    </li>
  )
  return (
    <Panel
      title="Groups"
      bare
      actions={
        groups !== undefined && (
          <Button small onPress={() => setMaking(true)}>
            <Plus size={14} aria-hidden />
            New group
          </Button>
        )
      }
    >
      {isMaking && (
        <GroupDialog group={undefined} parent="" groups={groups ?? []} onClose={() => setMaking(false)} />
      )}
      {groups === undefined ? (
        <Coming lines={5} />
      ) : (
        <ul className="tree">
          {line('fleet', 'Fleet', 0)}
          {treeOf(groups).map(({ group, depth }) =>
            line(group.id, group.name, depth + 1, group.devicesBelow),
          )}
        </ul>
      )}
      {groups?.length === 0 && (
        <p className="tree-hint soft">
          No group yet. Make one for devices that shall do something else than the fleet, such as servers.
        </p>
      )}
    </Panel>
  )
}
