/** One page that breaks leaves the rest of the console standing. */
import { Component, type ReactNode } from 'react'
import { Trouble } from '../parts/saying.tsx'

interface BrokenProps {
  /** Where the person is: going elsewhere mends it. */
  readonly place: string
  readonly children: ReactNode
}

interface BrokenState {
  readonly error: unknown
  readonly place: string
}

export class Broken extends Component<BrokenProps, BrokenState> {
  override state: BrokenState = { error: undefined, place: this.props.place }

  static getDerivedStateFromError(error: unknown): Partial<BrokenState> {
    return { error }
  }

  static getDerivedStateFromProps({ place }: BrokenProps, state: BrokenState): Partial<BrokenState> | null {
    return place === state.place ? null : { error: undefined, place }
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children
    return (
      <div className="page">
        <Trouble
          error={this.state.error}
          safe="Nothing was changed by it; the backups are not touched by this page."
          onAgain={() => this.setState({ error: undefined })}
        />
      </div>
    )
  }
}
