/** One setting in fields. What is wrong is said here, before anything is signed. */
import { type FormEvent, useState } from 'react'
import { writeValue } from '../../../policy/setting-values.ts'
import { Button, Field, Tick } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Note } from '../../parts/saying.tsx'
import { settingTitle } from '../../words/settings.ts'
import { type Change, settingOf } from './draft.ts'
import { type Filled, fieldsOf, filledFrom, plainFrom, settingFrom } from './fields.ts'
import type { Row } from './layers.ts'

export interface EditSettingProps {
  readonly name: string
  readonly row: Row | undefined
  readonly drafted: Change | undefined
  readonly isOwn: boolean
  readonly onClose: () => void
  readonly onDraft: (change: Change) => void
}

export function EditSetting({ name, row, drafted, isOwn, onClose, onDraft }: EditSettingProps) {
  const before = drafted?.kind === 'set' ? drafted : undefined
  const [filled, fill] = useState<Filled>(() => firstFilled(name, row, before))
  const [locked, setLocked] = useState(before?.locked ?? row?.own?.locked ?? false)
  const [setName, setSetName] = useState(name.replace(/^sets\./, ''))
  const [wrong, setWrong] = useState<string>()
  const isNewSet = name.startsWith('sets.') && row === undefined && drafted === undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const key = isNewSet ? `sets.${setName.trim()}` : name
    try {
      onDraft({ kind: 'set', setting: settingOf(key, plainFrom(name, filled)), locked })
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <Asking title={settingTitle(name)} isOpen onClose={onClose}>
      <form className="stack wide" onSubmit={submit}>
        {wrong !== undefined && <Note tone="bad">{wrong}</Note>}
        {isNewSet && (
          <Field label="Name of the backup set" value={setName} onChange={setSetName} isRequired />
        )}
        <div className="setting-fields">
          {fieldsOf(name).map(field =>
            field.look === 'tick' ? (
              <Tick
                key={field.name}
                isSelected={filled[field.name] === true}
                onChange={is => fill({ ...filled, [field.name]: is })}
              >
                {field.label}
              </Tick>
            ) : (
              <Field
                key={field.name}
                label={field.label}
                {...(field.help !== '' && { help: field.help })}
                {...(field.look === 'lines' && { lines: 5 })}
                {...(field.look === 'number' && { inputMode: 'numeric' as const })}
                value={String(filled[field.name] ?? '')}
                onChange={text => fill({ ...filled, [field.name]: text })}
              />
            ),
          )}
        </div>
        <Tick isSelected={locked} onChange={setLocked}>
          Locked: no group or device further in may change it
        </Tick>
        <div className="dialog-end">
          {isOwn && (
            <Button look="danger" onPress={() => onDraft({ kind: 'drop' })}>
              Set it here no more
            </Button>
          )}
          <Button type="submit" look="main">
            Keep in the draft
          </Button>
        </div>
      </form>
    </Asking>
  )
}

function firstFilled(
  name: string,
  row: Row | undefined,
  before: Extract<Change, { kind: 'set' }> | undefined,
): Filled {
  if (before !== undefined) return filledFrom(name, writeValue(before.setting))
  const shown = row?.own ?? row?.shown
  return filledFrom(name, shown === undefined ? undefined : writeValue(settingFrom(shown.kind, shown.value)))
}
