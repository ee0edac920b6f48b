/** What each role may, in a line. */
import type { PersonRole } from '@backstay/proto/rest/shapes'

export const roleWords: Readonly<Record<PersonRole, string>> = {
  viewer: 'Sees devices and states; opens nothing',
  helpdesk: 'Asks key holders for a backup or a restore',
  restore: 'Fetches sealed objects for a restore, answers wishes',
  policy: 'Hands in signed policies, sees their effect',
  auditor: 'Reads the audit log',
  owner: 'Everything here, and who may sign in',
}

export const roleNames = Object.keys(roleWords) as readonly PersonRole[]
