/** Every key, on one page. */
import { Asking } from '../parts/dialog.tsx'
import './help.css'
import { places } from './places.ts'

const general = [
  { keys: ['/'], what: 'Search for a device, a user or a page' },
  { keys: ['j'], what: 'Next row' },
  { keys: ['k'], what: 'Previous row' },
  { keys: ['Enter'], what: 'Open the row' },
  { keys: ['x'], what: 'Select the row' },
  { keys: ['Esc'], what: 'Back: close what is open, give up the selection' },
  { keys: ['?'], what: 'This page' },
] as const

export function Help({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Asking title="Keyboard" isOpen={isOpen} onClose={onClose} wide>
      <div className="help">
        <Keys lines={general} />
        <Keys lines={places.map(({ key, name }) => ({ keys: ['g', key], what: name }))} />
      </div>
    </Asking>
  )
}

function Keys({
  lines,
}: {
  readonly lines: readonly { readonly keys: readonly string[]; readonly what: string }[]
}) {
  return (
    <dl className="help-keys">
      {lines.map(({ keys, what }) => (
        <div key={what} className="help-line">
          <dt className="row">
            {keys.map(key => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  )
}
