/** A group is made, renamed or moved: its name and where it stands; then what that does is said, and it is signed. */
import type { GroupItem } from '@backstay/proto/rest/policies'
import { type FormEvent, useState } from 'react'
import { Button, Choose, Field } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { SignDialog } from '../../signing/sign-dialog.tsx'
import { quoted } from '../../words/shell.ts'
import { insideOf, treeOf } from './layers.ts'

export interface GroupDialogProps {
  /** Undefined: a new one. */
  readonly group: GroupItem | undefined
  /** In which a new one stands at first; '' for the fleet. */
  readonly parent: string
  readonly groups: readonly GroupItem[]
  readonly onClose: () => void
  readonly onDone?: () => void
}

export function GroupDialog({ group, parent: first, groups, onClose, onDone }: GroupDialogProps) {
  const [name, setName] = useState(group?.name ?? '')
  const [parent, setParent] = useState(group === undefined ? first : (group.parent ?? ''))
  const [isSigning, setSigning] = useState(false)
  const inside = new Set(group === undefined ? [] : insideOf(group.id, groups))
  const choices = [
    { id: '', name: 'Fleet' },
    ...treeOf(groups)
      .filter(one => !inside.has(one.group.id))
      .map(one => ({ id: one.group.id, name: `${'\u2003'.repeat(one.depth + 1)}${one.group.name}` })),
  ]
  const where = groups.find(one => one.id === parent)?.name ?? 'the fleet'
  const isMoved = group !== undefined && parent !== (group.parent ?? '')
  if (isSigning) {
    return (
      <SignDialog
        title={group === undefined ? `New group ${name}` : `Group ${group.name}`}
        isOpen
        onClose={onClose}
        what={wordsOf(group, name, where, isMoved)}
        undo="It can be signed back at any time."
        drafts={[{ kind: 'group', id: group?.id ?? '', name: name.trim(), parent, retired: false }]}
        deed={group === undefined ? 'Sign the group' : 'Sign the change'}
        command={commandOf(group, name, groups.find(one => one.id === parent)?.name, isMoved)}
        changes={['/groups', '/policies', '/devices', '/records']}
        {...(onDone !== undefined && { onDone })}
      />
    )
  }
  return (
    <Asking
      title={group === undefined ? 'New group' : `Rename or move ${group.name}`}
      isOpen
      onClose={onClose}
    >
      <form
        className="stack wide"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          setSigning(true)
        }}
      >
        <Field label="Name" value={name} onChange={setName} maxLength={100} isRequired autoFocus />
        <Choose label="Stands in" choices={choices} value={parent} onChange={setParent} />
        <div className="dialog-end">
          <Button onPress={onClose}>Close</Button>
          <Button
            type="submit"
            look="main"
            isDisabled={name.trim() === '' || (group !== undefined && !isMoved && name.trim() === group.name)}
          >
            See what it does…
          </Button>
        </div>
      </form>
    </Asking>
  )
}

function wordsOf(group: GroupItem | undefined, name: string, where: string, isMoved: boolean): string {
  if (group === undefined)
    return `A group “${name}” in ${where}, with no device and no setting of its own yet.`
  const renamed = name.trim() === group.name ? '' : `“${group.name}” is called “${name}” from now on. `
  const moved = isMoved ? `It stands in ${where}: what is set there counts for its devices.` : ''
  return `${renamed}${moved}`.trim()
}

function commandOf(
  group: GroupItem | undefined,
  name: string,
  parent: string | undefined,
  isMoved: boolean,
): string {
  const into = parent === undefined ? '--no-parent' : `--parent ${quoted(parent)}`
  const words = 'backstay policy groups'
  if (group === undefined) return `${words} add ${quoted(name)}${parent === undefined ? '' : ` ${into}`}`
  return [
    ...(isMoved ? [`${words} move ${quoted(group.name)} ${into}`] : []),
    ...(name === group.name ? [] : [`${words} rename ${quoted(group.name)} ${quoted(name)}`]),
  ].join('\n')
}
