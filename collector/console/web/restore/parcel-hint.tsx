/** Beside a replacement: what to do for somebody who may not read the rest. */
import { Copied } from '../parts/copied.tsx'
import { parcelCommands } from './parcel-commands.ts'
import { type Item, wishesOf } from './use-basket.ts'

export interface ParcelHintProps {
  readonly device: string
  readonly onto: string | undefined
  readonly items: readonly Item[]
}

export function ParcelHint({ device, onto, items }: ParcelHintProps) {
  const commands = parcelCommands(device, wishesOf(items), onto)
  return (
    <div className="stack">
      <p className="faint">
        For somebody who may read this part and nothing else, pack a parcel instead. It is sealed again on
        your machine, by:
      </p>
      {commands.map(command => (
        <Copied key={command} text={command} label="Copy the command" />
      ))}
    </div>
  )
}
