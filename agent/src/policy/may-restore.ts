import { Failure } from '@backstay/proto/failure'
import type { PolicyValues } from '@backstay/proto/policy/effective'

/** A courtesy between people: whoever owns the state folder holds the keys too. Throws `not_allowed`. */
export function requireMayRestore({ mayRestore }: Pick<PolicyValues, 'mayRestore'>): void {
  if (mayRestore) return
  throw new Failure('not_allowed', 'the policy of this device leaves restores to your admin', {
    hint: 'ask an admin: backstay restore DEVICE PATH',
  })
}
