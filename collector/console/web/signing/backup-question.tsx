/** A backup now, signed; without a key it is asked for. */
import { send } from '../api/client.ts'
import { may, usePerson } from '../shell/session.ts'
import { counted } from '../words/bytes.ts'
import { quoted } from '../words/shell.ts'
import { SignDialog } from './sign-dialog.tsx'

/** A device that something is to be done with. */
export interface Named {
  readonly device: string
  readonly name: string
}

export interface BackupQuestionProps {
  readonly devices: readonly Named[]
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onSigned?: () => void
}

export function BackupQuestion({ devices, isOpen, onClose, onSigned }: BackupQuestionProps) {
  const person = usePerson()
  const [first] = devices
  const whom = devices.length === 1 ? (first?.name ?? '') : counted(devices.length, 'device')
  const wish = async (note: string) => {
    for (const { device } of devices) {
      await send('POST', '/intents', { kind: 'backup', device, ...(note !== '' && { note }) })
    }
  }
  // Who answers a wish does not make another one.
  const mayWish = onSigned === undefined && may(person, 'helpdesk', 'restore')
  return (
    <SignDialog
      title={`Back up ${whom} now`}
      isOpen={isOpen}
      onClose={onClose}
      what={`A signed command asks ${devices.length === 1 ? 'it' : 'each of them'} to make a complete snapshot as soon as it is connected, within a day.`}
      undo="It changes nothing but adds a snapshot."
      drafts={devices.map(({ device }) => ({ kind: 'job', device, job: 'backup' }))}
      deed={`Back up ${whom}`}
      command={devices.map(({ name }) => `backstay job run ${quoted(name)} backup`).join('\n')}
      wish={mayWish ? wish : undefined}
      changes={['/devices']}
      {...(onSigned && { onDone: onSigned })}
    />
  )
}
