/** Tokens that a member finds: of its own fleet they are used or needless, and whoever reads one adds a device with it. */
import { isFailure } from '@backstay/proto/failure'
import type { FleetId } from '@backstay/proto/object/id'
import { decodeToken } from '@backstay/proto/trust/token'
import type { Log } from '../service/log.ts'
import type { TokenSource } from './token-sources.ts'

/**
 * Removes those of this fleet. One of another fleet stays and is named in the log: somebody wants this device elsewhere, and
 * to leave a fleet is no deed of a file.
 */
export async function removeLeftTokens(
  sources: readonly TokenSource[],
  fleet: FleetId,
  log: Log,
): Promise<void> {
  for (const source of sources) {
    const { place } = source
    try {
      const token = await source.read()
      if (token === undefined) continue
      const wanted = decodeToken(token).fleet
      if (wanted === fleet) await spend(source, log)
      else {
        log('warn', 'a token for another fleet is not used: this device is enrolled already', {
          ...{ place, fleet, wanted },
          hint: 'to move the device: end the agent, keep or remove its state folder, start it again',
        })
      }
    } catch (error) {
      if (!isFailure(error)) throw error
      const { code, message, hint } = error
      log('warn', 'a token lies about that cannot be used', { place, code, message, hint })
    }
  }
}

/** The device is a member, whatever becomes of this. */
export async function spend(source: TokenSource, log: Log): Promise<void> {
  try {
    await source.spend()
  } catch (error) {
    log('warn', 'a used token could not be removed', {
      place: source.place,
      message: error instanceof Error ? error.message : String(error),
      hint: `remove it: ${source.place}`,
    })
  }
}
