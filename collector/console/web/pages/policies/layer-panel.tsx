/** The settings of one layer: value, source, lock; edited as a draft, and its effect said before anything is signed. */
import type { GroupItem } from '@backstay/proto/rest/policies'
import type { PolicyLayer } from '@backstay/proto/rest/settings'
import { Lock, Pencil, Plus, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Button } from '../../parts/controls.tsx'
import { Panel } from '../../parts/page.tsx'
import { Empty } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { counted } from '../../words/bytes.ts'
import { settingTitle } from '../../words/settings.ts'
import { type Draft, draftedText, isEmptyDraft } from './draft.ts'
import { EditSetting } from './edit-setting.tsx'
import { Effect } from './effect.tsx'
import { type Row, rowsOf } from './layers.ts'

export interface LayerPanelProps {
  /** '' for the fleet. */
  readonly id: string
  readonly groups: readonly GroupItem[]
  readonly layers: readonly PolicyLayer[]
}

const addable = [
  ...['excludes', 'retention', 'schedule', 'rates', 'battery', 'metered'],
  ...['hooks', 'pause', 'restore', 'objective', 'reconcile', 'version'],
]

export function LayerPanel({ id, groups, layers }: LayerPanelProps) {
  const [draft, setDraft] = useState<Draft>(new Map())
  const [edited, edit] = useState<string>()
  const rows = rowsOf(id, groups, layers)
  const layer = layers.find(({ audience }) => audience === id)
  const name = groups.find(group => group.id === id)?.name ?? 'Fleet'
  const keys = [...new Set([...rows.map(({ key }) => key), ...draft.keys()])].sort()
  const put = (key: string, value: Parameters<Draft['set']>[1] | undefined) => {
    const next = new Map(draft)
    if (value === undefined) next.delete(key)
    else next.set(key, value)
    setDraft(next)
  }
  return (
    <Panel
      title={name}
      bare
      actions={
        <>
          {layer !== undefined && (
            <span className="faint">
              version {layer.sequence}, signed {layer.signer !== undefined && `by ${layer.signer} `}
              <Ago atMs={layer.issuedAtMs} />
            </span>
          )}
          <AddSetting missing={addable.filter(key => !keys.includes(key))} onAdd={edit} />
        </>
      }
    >
      {keys.length === 0 ? (
        <Empty title="Nothing is set here">
          <p>Devices back up the folders of their users, continuously, and keep every snapshot.</p>
        </Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Setting</th>
              <th>Value</th>
              <th>Source</th>
              <th>
                <span className="unseen">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.map(key => (
              <Line
                key={key}
                name={key}
                row={rows.find(row => row.key === key)}
                draft={draft}
                here={id}
                onEdit={() => edit(key)}
                onUndo={() => put(key, undefined)}
              />
            ))}
          </tbody>
        </table>
      )}
      {!isEmptyDraft(draft) && (
        <Effect id={id} name={name} layer={layer} draft={draft} onForget={() => setDraft(new Map())} />
      )}
      {edited !== undefined && (
        <EditSetting
          name={edited}
          row={rows.find(row => row.key === edited)}
          drafted={draft.get(edited)}
          isOwn={rows.some(row => row.key === edited && row.own !== undefined)}
          onClose={() => edit(undefined)}
          onDraft={value => {
            put(edited, value)
            edit(undefined)
          }}
        />
      )}
    </Panel>
  )
}

interface LineProps {
  readonly name: string
  readonly row: Row | undefined
  readonly draft: Draft
  readonly here: string
  readonly onEdit: () => void
  readonly onUndo: () => void
}

function Line({ name, row, draft, here, onEdit, onUndo }: LineProps) {
  const drafted = draft.get(name)
  const source =
    row === undefined || row.source.id === here ? 'set here' : `inherited from ${row.source.name}`
  const isLocked = row?.isHeld === true || (row?.shown.locked === true && row.source.id !== here)
  return (
    <tr className={drafted === undefined ? undefined : 'changed'}>
      <td>{settingTitle(name)}</td>
      <td className="break">
        {row !== undefined && (
          <p className={drafted === undefined ? undefined : 'gone-value'}>{row.shown.text}</p>
        )}
        {drafted !== undefined && <p>{draftedText(name, drafted)}</p>}
        {row?.isHeld === true && (
          <p className="faint">This layer says “{row.own?.text}”, which does not count.</p>
        )}
      </td>
      <td className="soft">
        <span className="row">
          {drafted === undefined ? source : 'changed here, not signed yet'}
          {row?.shown.locked === true && <Lock size={12} aria-label="locked" />}
        </span>
      </td>
      <td className="tight">
        {drafted !== undefined && (
          <Button
            look="quiet"
            small
            aria-label={`Take back the change of ${settingTitle(name)}`}
            onPress={onUndo}
          >
            <Undo2 size={14} aria-hidden />
          </Button>
        )}
        <Button
          look="quiet"
          small
          isDisabled={isLocked}
          aria-label={isLocked ? `${settingTitle(name)} is locked` : `Change ${settingTitle(name)}`}
          onPress={onEdit}
        >
          <Pencil size={14} aria-hidden />
        </Button>
      </td>
    </tr>
  )
}

function AddSetting({
  missing,
  onAdd,
}: {
  readonly missing: readonly string[]
  readonly onAdd: (key: string) => void
}) {
  return (
    <MenuTrigger>
      <Button small aria-label={`Add a setting, ${counted(missing.length, 'kind')} left`}>
        <Plus size={14} aria-hidden />
        Add
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="list-box" onAction={key => onAdd(String(key))}>
          <MenuItem id="sets.documents" className="list-item">
            Backup set…
          </MenuItem>
          {missing.map(key => (
            <MenuItem key={key} id={key} className="list-item">
              {settingTitle(key)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}
