/** The basket as commands that pack it for somebody who may read that part alone: a page has no second session to fill a parcel with. */
import type { Wish } from '../../archive/basket.ts'
import { wishedPath } from '../../parcel/part.ts'
import { quoted } from '../words/shell.ts'

/** One for each moment; undefined when a name is no text that could be typed. `onto`: undefined until somebody is chosen. */
export function parcelCommands(
  device: string,
  wishes: readonly Wish[],
  onto: string | undefined,
): readonly string[] | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    return [...Map.groupBy(wishes, wish => wish.sequence)].map(([sequence, some]) => {
      const paths = some.map(({ path }) => quoted(decoder.decode(wishedPath(path))))
      return `backstay parcel ${device} ${paths.join(' ')} --at "#${sequence}" --to ${onto ?? 'DEVICE'}`
    })
  } catch {
    return undefined
  }
}
