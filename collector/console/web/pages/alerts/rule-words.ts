/** What each kind of rule looks at, and what its number means. */
import type { AlertKind } from '@backstay/proto/rest/alerts'

export interface KindWords {
  readonly name: string
  readonly what: string
  /** Of the threshold; absent: there is none. */
  readonly unit?: string
}

export const kindWords: Readonly<Record<AlertKind, KindWords>> = {
  silent: { name: 'Silent', what: 'A device was not heard for', unit: 'days' },
  unprotected: { name: 'Unprotected', what: 'A device is not protected' },
  never_backed_up: { name: 'Never backed up', what: 'A device joined and never backed up' },
  at_risk: { name: 'At risk', what: 'A device is at risk' },
  unread: { name: 'Files not read', what: 'A device cannot read more than', unit: 'files' },
  escrow_unproven: { name: 'Keys unproven', what: 'Nobody has opened the keys of a device' },
  policy_refused: { name: 'Policy refused', what: 'A device refused an order' },
  policy_stale: { name: 'Policy ended', what: 'A policy has ended and was not signed anew' },
  clone: { name: 'Two machines, one identity', what: 'An identity is used twice' },
  device_log_fork: {
    name: 'A device saw another log',
    what: 'What a device witnessed is not what the log says',
  },
  coverage_drop: { name: 'Coverage drops', what: 'Fewer devices are protected than', unit: '%' },
  storage_low: { name: 'Storage nearly full', what: 'Less of the disk is free than', unit: '%' },
  scrub_damage: { name: 'Damage found', what: 'A scrub found damaged or missing bytes' },
  erase_waits: { name: 'A device is to be erased', what: 'An owner lets go of all that a device backed up' },
  release_halted: {
    name: 'A release is held back',
    what: 'Devices that took a release are worse than the others',
  },
  commit_flood: {
    name: 'A device commits without end',
    what: 'Hundreds of commits of a device were refused',
  },
  clock_halted: {
    name: 'The clock jumped',
    what: 'The clock of the collector jumped, and nothing is deleted',
  },
  log_fork: { name: 'The audit log was forked', what: 'The log does not contain what it contained before' },
}
