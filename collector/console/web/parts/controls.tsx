/** Controls that a keyboard and a screen reader work with: react-aria underneath, our look above. */
import { Check, ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Checkbox as AriaCheckbox,
  Select as AriaSelect,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
  TextArea,
  TextField,
  type TextFieldProps,
} from 'react-aria-components'
import './controls.css'

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style'> {
  readonly look?: 'plain' | 'main' | 'quiet' | 'danger'
  readonly small?: boolean
}

export function Button({ look = 'plain', small = false, ...rest }: ButtonProps) {
  return <AriaButton {...rest} className={`button ${look}${small ? ' small' : ''}`} />
}

export interface FieldProps extends Omit<TextFieldProps, 'className' | 'style' | 'children'> {
  readonly label: string
  readonly help?: ReactNode
  readonly lines?: number
  readonly placeholder?: string
  readonly hideLabel?: boolean
}

export function Field({ label, help, lines, placeholder, hideLabel = false, ...rest }: FieldProps) {
  return (
    <TextField {...rest} className="field">
      <Label className={hideLabel ? 'unseen' : 'field-label'}>{label}</Label>
      {lines === undefined ? (
        <Input className="input" {...(placeholder !== undefined && { placeholder })} />
      ) : (
        <TextArea
          className="input code"
          rows={lines}
          spellCheck={false}
          {...(placeholder !== undefined && { placeholder })}
        />
      )}
      {help !== undefined && (
        <Text slot="description" className="field-help">
          {help}
        </Text>
      )}
      <FieldError className="field-wrong" />
    </TextField>
  )
}

export interface Choice {
  readonly id: string
  readonly name: string
}

export interface ChooseProps {
  readonly label: string
  readonly choices: readonly Choice[]
  readonly value: string
  readonly onChange: (id: string) => void
  readonly hideLabel?: boolean
  readonly isDisabled?: boolean
}

export function Choose({
  label,
  choices,
  value,
  onChange,
  hideLabel = false,
  isDisabled = false,
}: ChooseProps) {
  return (
    <AriaSelect
      className="field"
      isDisabled={isDisabled}
      selectedKey={value}
      onSelectionChange={key => {
        if (key !== null) onChange(String(key))
      }}
    >
      <Label className={hideLabel ? 'unseen' : 'field-label'}>{label}</Label>
      <AriaButton className="button plain choose">
        <SelectValue className="one-line" />
        <ChevronDown size={14} aria-hidden />
      </AriaButton>
      <Popover className="popover">
        <ListBox className="list-box" items={choices}>
          {choice => (
            <ListBoxItem className="list-item" id={choice.id} textValue={choice.name}>
              {choice.name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}

export interface TickProps {
  readonly isSelected: boolean
  readonly onChange: (is: boolean) => void
  readonly children?: ReactNode
  readonly isIndeterminate?: boolean
  readonly isDisabled?: boolean
  /** When there is no text beside it. */
  readonly label?: string
}

export function Tick({ children, label, isIndeterminate = false, isDisabled = false, ...rest }: TickProps) {
  return (
    <AriaCheckbox
      {...rest}
      className="tick"
      isDisabled={isDisabled}
      isIndeterminate={isIndeterminate}
      {...(label !== undefined && { 'aria-label': label })}
    >
      <span className="tick-box" aria-hidden>
        {isIndeterminate ? <span className="tick-some" /> : <Check size={12} strokeWidth={3} />}
      </span>
      {children}
    </AriaCheckbox>
  )
}
