/** What can be done with a device. What changes it is signed; without a key it is asked for. */
import type { DeviceDetail } from '@backstay/proto/rest/devices'
import { DatabaseBackup, Ellipsis, RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Link } from 'wouter'
import { Button } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { BackupQuestion, type Named } from '../../signing/backup-question.tsx'
import { SignDialog } from '../../signing/sign-dialog.tsx'
import { counted } from '../../words/bytes.ts'
import { GroupQuestion } from './group-action.tsx'
import { isPausedFromAfar, PauseQuestion, ResumeQuestion } from './pause-action.tsx'

type Asked = 'group' | 'pause' | 'resume' | 'retire' | 'replace'

export function DeviceActions({
  device,
  small = false,
}: {
  readonly device: DeviceDetail
  readonly small?: boolean
}) {
  const [asked, ask] = useState<Asked>()
  const close = () => ask(undefined)
  return (
    <div className="row wrap">
      <BackupAction devices={[device]} small={small} />
      <Link href={`/restore/${device.device}`} className={`button ${small ? 'plain small' : 'main'}`}>
        <RotateCcw size={14} aria-hidden />
        Restore
      </Link>
      <MenuTrigger>
        <Button small={small} aria-label="More actions">
          <Ellipsis size={14} aria-hidden />
        </Button>
        <Popover className="popover" placement="bottom end">
          <Menu className="list-box" onAction={key => ask(String(key) as Asked)}>
            <MenuItem id="group" className="list-item">
              Group…
            </MenuItem>
            <MenuItem id="pause" className="list-item">
              Pause…
            </MenuItem>
            {isPausedFromAfar(device) && (
              <MenuItem id="resume" className="list-item">
                End the pause…
              </MenuItem>
            )}
            <MenuItem id="replace" className="list-item">
              Replace…
            </MenuItem>
            <MenuItem id="retire" className="list-item">
              Retire…
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <GroupQuestion devices={[device]} isOpen={asked === 'group'} onClose={close} />
      <PauseQuestion device={device} isOpen={asked === 'pause'} onClose={close} />
      <ResumeQuestion device={device} isOpen={asked === 'resume'} onClose={close} />
      <ReplaceWords device={device} isOpen={asked === 'replace'} onClose={close} />
      <RetireQuestion devices={[device]} isOpen={asked === 'retire'} onClose={close} />
    </div>
  )
}

interface ForDevices {
  readonly devices: readonly Named[]
}

interface Question {
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function BackupAction({ devices, small = false }: ForDevices & { readonly small?: boolean }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button small={small} onPress={() => setOpen(true)}>
        <DatabaseBackup size={14} aria-hidden />
        Back up now
      </Button>
      <BackupQuestion devices={devices} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  )
}

export function RetireAction({ devices }: ForDevices) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button look="danger" onPress={() => setOpen(true)}>
        Retire…
      </Button>
      <RetireQuestion devices={devices} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  )
}

function RetireQuestion({ devices, isOpen, onClose }: ForDevices & Question) {
  const [first] = devices
  const whom = devices.length === 1 ? (first?.name ?? '') : counted(devices.length, 'device')
  const they = devices.length === 1 ? 'It' : 'They'
  return (
    <SignDialog
      title={`Retire ${whom}`}
      isOpen={isOpen}
      onClose={onClose}
      what={`${they} may not connect any more and ${devices.length === 1 ? 'is' : 'are'} no longer counted. Every snapshot stays and can be restored, until its retention ends.`}
      undo="This cannot be undone: such a machine is enrolled anew under new keys."
      drafts={devices.map(({ device }) => ({
        kind: 'revoke',
        what: 'device',
        id: device,
        reason: 'retired',
      }))}
      deed={`Retire ${whom}`}
      isDanger
      changes={['/devices', '/overview']}
    />
  )
}

function ReplaceWords({ device, isOpen, onClose }: { readonly device: Named } & Question) {
  return (
    <Asking title={`Replace ${device.name}`} isOpen={isOpen} onClose={onClose}>
      <ol className="steps">
        <li>
          <Link href="/enrolment">Enrol the new machine</Link> in the same group.
        </li>
        <li>
          <Link href={`/restore/${device.device}`}>Restore</Link> the newest snapshot of {device.name}: choose
          “Another device, which replaces it”, and the new machine.
        </li>
        <li>
          When everything is there, retire {device.name}. Its snapshots stay.{' '}
          <RetireAction devices={[device]} />
        </li>
      </ol>
    </Asking>
  )
}
