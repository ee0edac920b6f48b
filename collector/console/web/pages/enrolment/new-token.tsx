/** A new token: for how many machines, and how long. */

import { useState } from 'react'
import { Button, Field, Tick } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { SignDialog } from '../../signing/sign-dialog.tsx'
import { counted } from '../../words/bytes.ts'
import { dayMs } from '../../words/times.ts'

export interface NewTokenProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onToken: (token: string) => void
}

export function NewToken({ isOpen, onClose, onToken }: NewTokenProps) {
  const [label, setLabel] = useState('')
  const [uses, setUses] = useState('1')
  const [days, setDays] = useState('1')
  const [isManual, setManual] = useState(false)
  const [isSigning, setSigning] = useState(false)
  const count = Math.floor(Number(uses))
  const last = Math.floor(Number(days))
  const isRight = count >= 1 && count <= 10_000 && last >= 1 && last <= 366
  return (
    <>
      <Asking title="New enrolment token" isOpen={isOpen && !isSigning} onClose={onClose}>
        <form
          className="stack wide"
          onSubmit={event => {
            event.preventDefault()
            if (isRight) setSigning(true)
          }}
        >
          <Field
            label="What it is for"
            value={label}
            onChange={setLabel}
            maxLength={200}
            placeholder="Laptops of the Lisbon office"
          />
          <div className="row">
            <Field
              label="Machines"
              inputMode="numeric"
              value={uses}
              onChange={setUses}
              help="At most 10,000."
            />
            <Field label="Days" inputMode="numeric" value={days} onChange={setDays} help="At most 366." />
          </div>
          <Tick isSelected={isManual} onChange={setManual}>
            Each machine waits until an admin puts it into a group
          </Tick>
          <div className="dialog-end">
            <Button type="submit" look="main" isDisabled={!isRight}>
              Sign it…
            </Button>
          </div>
        </form>
      </Asking>
      <SignDialog
        title="New enrolment token"
        isOpen={isOpen && isSigning}
        onClose={() => {
          setSigning(false)
          onClose()
        }}
        what={`${counted(count, 'machine')} may join the fleet with it within ${counted(last, 'day')}.${isManual ? ' Each stores nothing until it is put into a group.' : ''}`}
        undo="It can be revoked; machines that joined stay until they are retired."
        drafts={[
          {
            kind: 'grant',
            label,
            uses: count,
            manualApproval: isManual,
            expiresAtMs: Date.now() + last * dayMs,
          },
        ]}
        deed="Sign the token"
        command={`backstay token --uses ${count} --days ${last}${isManual ? ' --approval' : ''}${label === '' ? '' : ` --label '${label.replaceAll("'", "'\\''")}'`}`}
        changes={['/grants']}
        onDone={([signed]) => {
          if (signed?.token !== undefined) onToken(signed.token)
        }}
      />
    </>
  )
}
