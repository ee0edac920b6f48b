/** Where it goes: a zip in this browser; the device itself, into a new folder or in its place; or one that replaces it. */

import type { deviceRoutes } from '@backstay/proto/rest/devices'
import type { AnswerOf } from '@backstay/proto/rest/route'
import type { WishedPlace } from '@backstay/proto/trust/restore-wish'
import { type ReactNode, useState } from 'react'
import { useAsk } from '../api/queries.ts'
import { Field } from '../parts/controls.tsx'
import { Trouble } from '../parts/saying.tsx'

const shownMax = 8

/** `missing`: in its place, and only what is not there. */
export type Target = 'zip' | 'device' | 'original' | 'missing' | 'other'

/** In its place too, nothing that is there is touched. */
export function placeOf(target: Target): WishedPlace {
  if (target === 'original') return { kind: 'original', existing: 'keep_both' }
  return target === 'missing' ? { kind: 'original', existing: 'leave' } : { kind: 'new' }
}

export interface TargetsProps {
  readonly target: Target
  readonly onChange: (target: Target) => void
  readonly isDisabled: boolean
  /** Whose files they are. */
  readonly device: string
  readonly onto: string | undefined
  readonly onOnto: (device: string) => void
}

export function Targets({ target, onChange, isDisabled, device, onto, onOnto }: TargetsProps) {
  const isInPlace = target === 'original' || target === 'missing'
  const choice = { group: 'target', onChange }
  return (
    <fieldset className="restore-targets" disabled={isDisabled}>
      <legend className="field-label">Where to</legend>
      <TargetChoice {...choice} name="zip" isChosen={target === 'zip'} title="A zip in this browser">
        Made here while it downloads, of any size.
      </TargetChoice>
      <TargetChoice {...choice} name="device" isChosen={target === 'device'} title="The device itself">
        Into a new folder there, with owners, times and links. Nothing is overwritten.
      </TargetChoice>
      <TargetChoice {...choice} name="original" isChosen={isInPlace} title="The device itself, in its place">
        Where it was. What is there now stays as it is.
      </TargetChoice>
      {isInPlace && (
        <fieldset className="restore-targets restore-conflict">
          <legend className="field-label">When a name is taken there</legend>
          <TargetChoice
            group="conflict"
            onChange={onChange}
            name="original"
            isChosen={target === 'original'}
            title="Keep both"
          >
            What comes back gets “(restored)” after its name.
          </TargetChoice>
          <TargetChoice
            group="conflict"
            onChange={onChange}
            name="missing"
            isChosen={target === 'missing'}
            title="Only what is missing"
          >
            What has a name that is taken is left out.
          </TargetChoice>
        </fieldset>
      )}
      <TargetChoice
        {...choice}
        name="other"
        isChosen={target === 'other'}
        title="Another device, which replaces it"
      >
        Into a new folder there. It can then read these snapshots, and nothing else of the old device.
      </TargetChoice>
      {target === 'other' && <OtherDevice device={device} onto={onto} onOnto={onOnto} />}
    </fieldset>
  )
}

function OtherDevice({ device, onto, onOnto }: Pick<TargetsProps, 'device' | 'onto' | 'onOnto'>) {
  const [words, setWords] = useState('')
  const { data, error, refetch } = useAsk<AnswerOf<typeof deviceRoutes.list>>('/devices', {
    q: words,
    limit: shownMax,
    sort: 'name',
  })
  const others = data?.items.filter(one => one.device !== device && one.state !== 'retired') ?? []
  return (
    <fieldset className="restore-targets restore-conflict">
      <legend className="field-label">Which one</legend>
      <Field label="Name, user or id" value={words} onChange={setWords} />
      {error !== null && <Trouble error={error} onAgain={() => void refetch()} />}
      {data !== undefined && others.length === 0 && (
        <p className="faint">No other device fits. Enrol the new machine first; it appears here by itself.</p>
      )}
      {others.map(one => (
        <label key={one.device} className="restore-target">
          <input type="radio" name="onto" checked={onto === one.device} onChange={() => onOnto(one.device)} />
          <span>
            <strong>{one.name}</strong>
            <span className="faint">{one.user || one.platform}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

interface TargetChoiceProps {
  readonly group: string
  readonly name: Target
  readonly isChosen: boolean
  readonly onChange: (target: Target) => void
  readonly title: string
  readonly children: ReactNode
}

function TargetChoice({ group, name, isChosen, onChange, title, children }: TargetChoiceProps) {
  return (
    <label className="restore-target">
      <input type="radio" name={group} checked={isChosen} onChange={() => onChange(name)} />
      <span>
        <strong>{title}</strong>
        <span className="faint">{children}</span>
      </span>
    </label>
  )
}
