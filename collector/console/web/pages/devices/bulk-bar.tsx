/** What is done to all that are ticked. */
import { X } from 'lucide-react'
import { Button } from '../../parts/controls.tsx'
import { counted } from '../../words/bytes.ts'
import { BackupAction, RetireAction } from '../device/device-actions.tsx'
import { GroupAction } from '../device/group-action.tsx'
import type { DeviceRow } from './use-device-list.ts'
import type { Selection } from './use-selection.ts'

export function BulkBar(props: { readonly selection: Selection; readonly items: readonly DeviceRow[] }) {
  const { selection, items } = props
  const devices = selection.ids.map(device => ({
    device,
    name: items.find(item => item.device === device)?.name ?? device.slice(0, 8),
  }))
  return (
    <div className="bulk-bar" role="toolbar" aria-label="Selected devices">
      <b>{counted(devices.length, 'device')}</b>
      <BackupAction devices={devices} />
      <GroupAction devices={devices} />
      <RetireAction devices={devices} />
      <Button look="quiet" small aria-label="Clear the selection" onPress={selection.clear}>
        <X size={16} aria-hidden />
      </Button>
    </div>
  )
}
