/** Error numbers by name, with those that Node does not list on every platform. */
import { constants } from 'node:os'

export const errno = {
  ...constants.errno,
  /** Windows' own number (WSAESTALE) where there is no other. */
  ESTALE: (constants.errno as { readonly ESTALE?: number }).ESTALE ?? 10_070,
  /**
   * The content is not on this machine, and reading would fetch it. No kernel gives this number (it is WSAEREMOTE): our
   * own seam refuses with it.
   */
  EREMOTE: 10_071,
} as const
