/** What a page says when it has nothing, waits, or was refused. */
import { CircleX, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { problemOf } from '../api/problem.ts'
import { sentence } from '../words/sentence.ts'
import { Button } from './controls.tsx'
import './saying.css'

/** Nothing here yet, and what comes next. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <h3>{title}</h3>
      {children !== undefined && <div className="soft stack">{children}</div>}
    </div>
  )
}

export interface NoteProps {
  readonly tone?: 'good' | 'warn' | 'bad' | 'rest'
  readonly children: ReactNode
  readonly actions?: ReactNode
}

export function Note({ tone = 'rest', children, actions }: NoteProps) {
  const Icon = tone === 'bad' ? CircleX : tone === 'warn' ? TriangleAlert : Info
  return (
    <div className={`note ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon size={16} aria-hidden />
      <div className="note-words">{children}</div>
      {actions}
    </div>
  )
}

/** An error as a calm sentence, with its remedy and what was kept safe. */
export function Trouble(props: {
  readonly error: unknown
  /** What is as it was. */
  readonly safe?: string
  readonly onAgain?: (() => void) | undefined
}) {
  const { message, hint, code } = problemOf(props.error)
  const again = props.onAgain
  return (
    <Note
      tone="bad"
      actions={
        again !== undefined && (
          <Button small onPress={again}>
            Try again
          </Button>
        )
      }
    >
      <p title={code}>{sentence(message)}</p>
      {hint !== undefined && <p className="note-hint">{sentence(hint)}</p>}
      {props.safe !== undefined && <p className="note-hint">{props.safe}</p>}
    </Note>
  )
}

/** The shape of what comes: so many lines. */
export function Coming({ lines = 6 }: { readonly lines?: number }) {
  return (
    <div className="coming" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <div key={`line ${line + 1}`} className="coming-line" />
      ))}
    </div>
  )
}
