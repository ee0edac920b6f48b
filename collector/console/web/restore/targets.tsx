/** Where it goes: a zip in this browser, or the device itself, into a new folder or in its place. */
import type { WishedPlace } from '@backstay/proto/trust/restore-wish'
import type { ReactNode } from 'react'

/** `missing`: in its place, and only what is not there. */
export type Target = 'zip' | 'device' | 'original' | 'missing'

/** In its place too, nothing that is there is touched. */
export function placeOf(target: Target): WishedPlace {
  if (target === 'original') return { kind: 'original', existing: 'keep_both' }
  return target === 'missing' ? { kind: 'original', existing: 'leave' } : { kind: 'new' }
}

export interface TargetsProps {
  readonly target: Target
  readonly onChange: (target: Target) => void
  readonly isDisabled: boolean
}

export function Targets({ target, onChange, isDisabled }: TargetsProps) {
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
