/** What can be done with a device. What changes it is signed; without a key it is asked for. */
import { CirclePause, DatabaseBackup, Ellipsis, RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { Link } from 'wouter'
import { send } from '../../api/client.ts'
import { Button } from '../../parts/controls.tsx'
import { Copied } from '../../parts/copied.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { may, usePerson } from '../../shell/session.ts'
import { SignDialog } from '../../signing/sign-dialog.tsx'
import { counted } from '../../words/bytes.ts'
import { quoted } from '../../words/shell.ts'
import { GroupQuestion } from './group-action.tsx'

export interface Named {
  readonly device: string
  readonly name: string
}

type Asked = 'group' | 'pause' | 'retire' | 'replace'

export function DeviceActions({
  device,
  small = false,
}: {
  readonly device: Named
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
      <PauseWords device={device} isOpen={asked === 'pause'} onClose={close} />
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
  const person = usePerson()
  const [first] = devices
  const whom = devices.length === 1 ? (first?.name ?? '') : counted(devices.length, 'device')
  const wish = async (note: string) => {
    for (const { device } of devices) {
      await send('POST', '/intents', { kind: 'backup', device, ...(note !== '' && { note }) })
    }
  }
  return (
    <>
      <Button small={small} onPress={() => setOpen(true)}>
        <DatabaseBackup size={14} aria-hidden />
        Back up now
      </Button>
      <SignDialog
        title={`Back up ${whom} now`}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        what={`A signed command asks ${devices.length === 1 ? 'it' : 'each of them'} to make a complete snapshot as soon as it is connected, within a day.`}
        undo="It changes nothing but adds a snapshot."
        drafts={devices.map(({ device }) => ({ kind: 'job', device, job: 'backup' }))}
        deed={`Back up ${whom}`}
        command={devices.map(({ name }) => `backstay job run ${quoted(name)} backup`).join('\n')}
        wish={may(person, 'helpdesk', 'restore') ? wish : undefined}
        changes={['/devices']}
      />
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

function PauseWords({ device, isOpen, onClose }: { readonly device: Named } & Question) {
  return (
    <Asking title={`Pause ${device.name}`} isOpen={isOpen} onClose={onClose}>
      <p>
        <CirclePause size={14} aria-hidden /> Backups are paused at the device, by whoever works there, for as
        long as its policy allows. Nobody pauses them from afar: who stole a key could switch off protection
        unseen.
      </p>
      <Copied text="backstay-agent pause 1h" />
      <p className="soft">It goes on by itself; backstay-agent resume ends it sooner.</p>
    </Asking>
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
          <Link href={`/restore/${device.device}`}>Restore</Link> the newest snapshot of {device.name} onto
          it.
        </li>
        <li>When everything is there, retire {device.name}. Its snapshots stay.</li>
      </ol>
    </Asking>
  )
}
