/** Devices are put into a group, or into none. */
import type { policyRoutes } from '@backstay/proto/rest/policies'
import type { AnswerOf } from '@backstay/proto/rest/route'
import { type FormEvent, useState } from 'react'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Button, Choose } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/saying.tsx'
import { SignDialog } from '../../signing/sign-dialog.tsx'
import { counted } from '../../words/bytes.ts'
import { quoted } from '../../words/shell.ts'
import { treeOf } from '../policies/layers.ts'

export interface GroupQuestionProps {
  readonly devices: readonly { readonly device: string; readonly name: string }[]
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function GroupQuestion({ devices, isOpen, onClose }: GroupQuestionProps) {
  const [chosen, choose] = useState('')
  const [isSigning, setSigning] = useState(false)
  const groups = useAsk<AnswerOf<typeof policyRoutes.groups>>('/groups', {}, { enabled: isOpen }).data?.items
  const [first] = devices
  const whom = devices.length === 1 ? (first?.name ?? '') : counted(devices.length, 'device')
  const group = groups?.find(({ id }) => id === chosen)
  const close = () => {
    setSigning(false)
    onClose()
  }
  if (isSigning) {
    const option = group === undefined ? '--no-group' : `--group ${quoted(group.name)}`
    return (
      <SignDialog
        title={`Group of ${whom}`}
        isOpen
        onClose={close}
        what={
          group === undefined
            ? `${whom} shall be in no group: what the fleet sets counts, and what is set for the device itself.`
            : `${whom} shall be in “${group.name}”: what is set there counts. A device is in one group at a time.`
        }
        undo="It can be signed back at any time."
        drafts={[{ kind: 'assignment', devices: devices.map(({ device }) => device), group: chosen }]}
        deed="Sign and roll out"
        command={`backstay policy assign ${devices.map(({ name }) => quoted(name)).join(' ')} ${option}`}
        changes={['/groups', '/devices', '/policies', '/records']}
      />
    )
  }
  const choices = [
    { id: '', name: 'No group' },
    ...treeOf(groups ?? []).map(one => ({
      id: one.group.id,
      name: `${'\u2003'.repeat(one.depth)}${one.group.name}`,
    })),
  ]
  return (
    <Asking title={`Group of ${whom}`} isOpen={isOpen} onClose={close}>
      {groups?.length === 0 ? (
        <Empty title="No group yet">
          <p>
            Make one under <Link href="/policies">Policies</Link>.
          </p>
        </Empty>
      ) : (
        <form
          className="stack wide"
          onSubmit={(event: FormEvent) => {
            event.preventDefault()
            setSigning(true)
          }}
        >
          <Choose label="Group" choices={choices} value={chosen} onChange={choose} />
          <div className="dialog-end">
            <Button onPress={close}>Close</Button>
            <Button type="submit" look="main" isDisabled={groups === undefined}>
              See what it does…
            </Button>
          </div>
        </form>
      )}
    </Asking>
  )
}

export function GroupAction({ devices }: Pick<GroupQuestionProps, 'devices'>) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button onPress={() => setOpen(true)}>Group…</Button>
      <GroupQuestion devices={devices} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  )
}
