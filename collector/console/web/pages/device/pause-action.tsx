/** One device is quiet for a while, by a signed command: what that means for it is shown before anything is signed. */
import type { DeviceDetail } from '@backstay/proto/rest/devices'
import { type FormEvent, useState } from 'react'
import { Link } from 'wouter'
import { Button, Choose } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { SignDialog } from '../../signing/sign-dialog.tsx'
import { useNow } from '../../words/now.ts'
import { quoted } from '../../words/shell.ts'
import { agoText, minutesText, sinceText } from '../../words/times.ts'

interface QuestionProps {
  readonly device: DeviceDetail
  readonly isOpen: boolean
  readonly onClose: () => void
}

const lengths = [15, 30, 60, 120, 240, 480, 1440]
const choices = lengths.map(minutes => ({ id: String(minutes), name: minutesText(minutes) }))
const minuteMs = 60_000

export const isPausedFromAfar = ({ paused }: DeviceDetail): boolean => paused?.by !== undefined

export function PauseQuestion({ device, isOpen, onClose }: QuestionProps) {
  const nowMs = useNow()
  const [minutes, setMinutes] = useState(60)
  const [isSigning, setSigning] = useState(false)
  const close = () => {
    setSigning(false)
    onClose()
  }
  if (isSigning) {
    return (
      <SignDialog
        title={`Pause ${device.name}`}
        isOpen
        onClose={close}
        what={`${device.name} makes no snapshots until about ${sinceText(nowMs + minutes * minuteMs, nowMs)}, then goes on by itself. ${exposure(device, nowMs)} A backup that runs is cut off and goes on afterwards.`}
        undo="It can be ended at any time, here and by whoever works there; both see who paused it. The device counts: all pauses from afar together last 24 hours at most in any seven days, and beyond that it refuses."
        drafts={[{ kind: 'job', device: device.device, job: 'pause', minutes }]}
        deed={`Pause ${device.name}`}
        command={`backstay pause ${quoted(device.name)} --for ${minutes}m`}
        changes={['/devices']}
      />
    )
  }
  return (
    <Asking title={`Pause ${device.name}`} isOpen={isOpen} onClose={close}>
      <form
        className="stack wide"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          setSigning(true)
        }}
      >
        <Choose
          label="For how long"
          choices={choices}
          value={String(minutes)}
          onChange={id => setMinutes(Number(id))}
        />
        <p className="soft">
          One device at a time, and only while it is connected within the hour. When devices are quiet as a
          rule is a <Link href="/policies">policy</Link>.
        </p>
        <div className="dialog-end">
          <Button onPress={close}>Close</Button>
          <Button type="submit" look="main">
            See what it does…
          </Button>
        </div>
      </form>
    </Asking>
  )
}

export function ResumeQuestion({ device, isOpen, onClose }: QuestionProps) {
  const { by = '' } = device.paused ?? {}
  return (
    <SignDialog
      title={`End the pause of ${device.name}`}
      isOpen={isOpen}
      onClose={onClose}
      what={`The pause that ${by} signed ends, and what waits is backed up.`}
      undo="What is left of it may be used for another pause."
      drafts={[{ kind: 'job', device: device.device, job: 'resume' }]}
      deed="End the pause"
      command={`backstay resume ${quoted(device.name)}`}
      changes={['/devices']}
    />
  )
}

/** What is on no collector meanwhile. */
function exposure({ oldestChangeAtMs, lastCompleteAtMs }: DeviceDetail, nowMs: number): string {
  const waits = 'What changes there until then is on no collector'
  if (lastCompleteAtMs === undefined) return `${waits}; and it has no complete snapshot yet.`
  const newest = `its last complete one is of ${agoText(lastCompleteAtMs, nowMs)}`
  if (oldestChangeAtMs === undefined) return `${waits}; ${newest}, and nothing waits now.`
  return `${waits}; ${newest}, and a change of ${agoText(oldestChangeAtMs, nowMs)} waits already.`
}
