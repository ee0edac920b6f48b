/** Names and values, one a line. */
import type { ReactNode } from 'react'
import './facts.css'

export type FactLine = readonly [name: string, value: ReactNode]

export function Facts({ lines }: { readonly lines: readonly FactLine[] }) {
  return (
    <dl className="facts">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** One large figure with what it means. */
export function Figure(props: {
  readonly name: string
  readonly value: ReactNode
  readonly more?: ReactNode
}) {
  return (
    <div className="figure">
      <span className="soft">{props.name}</span>
      <b className="figure-value">{props.value}</b>
      {props.more !== undefined && <span className="faint">{props.more}</span>}
    </div>
  )
}
