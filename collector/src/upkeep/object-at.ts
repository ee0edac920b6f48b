import { isFailure } from '@backstay/proto/failure'
import { decodeHeader, type Header } from '@backstay/proto/object/header'
import type { Sealed } from '@backstay/proto/object/id'
import type { Location } from '../catalog/objects.ts'
import type { PackStore } from '../packs/pack-store.ts'

/** The bytes of an object and its header; undefined when they cannot be read. Not checked against the id. */
export async function objectAt(
  store: Pick<PackStore, 'read'>,
  place: Location,
): Promise<{ readonly stored: Sealed; readonly header: Header } | undefined> {
  try {
    const stored = (await store.read(place.pack, place.offset, place.length)) as Sealed
    return { stored, header: decodeHeader(stored) }
  } catch (error) {
    if (isFailure(error, 'pack_missing') || isFailure(error, 'pack_unreadable')) return undefined
    if (isFailure(error, 'bad_object')) return undefined
    throw error
  }
}
