/** What a restore reports by name: what did not come back as it was, and what did. */
import { numberText } from '../words/bytes.ts'

/** More would make the page slow. */
const [leftMax, backMax] = [200, 1_000]

export interface LeftOutProps {
  readonly lines: readonly { readonly path: string; readonly why: string }[]
}

export function LeftOut({ lines }: LeftOutProps) {
  if (lines.length === 0) return null
  return (
    <ul className="restore-left" aria-label="Not as it was">
      {lines.slice(0, leftMax).map(({ path, why }) => (
        <li key={`${path} ${why}`}>
          <span className="one-line" title={path}>
            {path}
          </span>
          <span className="faint">{why}</span>
        </li>
      ))}
    </ul>
  )
}

export interface CameBackProps {
  readonly title: string
  readonly names: readonly string[]
  /** How many there are. */
  readonly count: number
  /** Where those are that are not named. */
  readonly rest: string
}

export function CameBack({ title, names, count, rest }: CameBackProps) {
  if (names.length === 0) return null
  const shown = names.slice(0, backMax)
  return (
    <details>
      <summary>{title}</summary>
      <ul className="restore-left">
        {shown.map(name => (
          <li key={name}>
            <span className="one-line" title={name}>
              {name}
            </span>
          </li>
        ))}
      </ul>
      {count > shown.length && (
        <p className="faint">
          And {numberText(count - shown.length)} more, {rest}.
        </p>
      )}
    </details>
  )
}
