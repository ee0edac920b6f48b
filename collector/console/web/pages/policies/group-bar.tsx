/** The chosen group: where it stands, who is in it, and what can be done with it. */
import type { GroupItem } from '@backstay/proto/rest/policies'
import { useState } from 'react'
import { Link } from 'wouter'
import { Button } from '../../parts/controls.tsx'
import { SignDialog } from '../../signing/sign-dialog.tsx'
import { useAddress } from '../../words/address.ts'
import { counted } from '../../words/bytes.ts'
import { quoted } from '../../words/shell.ts'
import { GroupDialog } from './group-dialog.tsx'
import { chainOf } from './layers.ts'

type Asked = 'change' | 'retire' | 'inner'

export function GroupBar({
  group,
  groups,
}: {
  readonly group: GroupItem
  readonly groups: readonly GroupItem[]
}) {
  const [asked, ask] = useState<Asked>()
  const [, change] = useAddress()
  const close = () => ask(undefined)
  const above = chainOf(group.id, groups).slice(0, -1)
  return (
    <div className="group-bar">
      <span className="soft">
        In {above.map(({ name }) => name).join(' › ')}.{' '}
        {group.devicesBelow === 0 ? (
          <>
            No device is in it: tick some under <Link href="/devices">Devices</Link>, then <b>Group…</b>
          </>
        ) : (
          <Link href={`/devices?group=${group.id}`}>{counted(group.devicesBelow, 'device')}</Link>
        )}
      </span>
      <span className="row push">
        <Button small onPress={() => ask('inner')}>
          Group inside…
        </Button>
        <Button small onPress={() => ask('change')}>
          Rename or move…
        </Button>
        <Button small onPress={() => ask('retire')}>
          Retire…
        </Button>
      </span>
      {asked === 'change' && <GroupDialog group={group} parent="" groups={groups} onClose={close} />}
      {asked === 'inner' && (
        <GroupDialog group={undefined} parent={group.id} groups={groups} onClose={close} />
      )}
      <SignDialog
        title={`Retire the group ${group.name}`}
        isOpen={asked === 'retire'}
        onClose={close}
        what="What it sets counts no longer; its devices stay in it and follow what stands above it. It is not offered any more."
        undo="It does not come back: make a new group then."
        drafts={[
          { kind: 'group', id: group.id, name: group.name, parent: group.parent ?? '', retired: true },
        ]}
        deed="Retire the group"
        isDanger
        command={`backstay policy groups retire ${quoted(group.name)}`}
        changes={['/groups', '/policies', '/devices', '/records']}
        onDone={() => change({ layer: undefined })}
      />
    </div>
  )
}
