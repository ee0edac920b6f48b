/** The basket as commands that pack it for somebody who may read that part alone: a page has no second session to fill a parcel with. */
import { pathText } from '@backstay/proto/content/archive/shown-text'
import type { Wish } from '../../archive/basket.ts'
import { quoted } from '../words/shell.ts'

/** One for each moment, with paths as they are shown. `onto`: undefined until somebody is chosen. */
export function parcelCommands(
  device: string,
  wishes: readonly Wish[],
  onto: string | undefined,
): readonly string[] {
  return [...Map.groupBy(wishes, wish => wish.sequence)].map(([sequence, some]) => {
    const paths = some.map(({ path }) => quoted(pathText(path)))
    return `backstay parcel ${device} ${paths.join(' ')} --at "#${sequence}" --to ${onto ?? 'DEVICE'}`
  })
}
