/** "This looks like a new installation of …": a hint of its marks. Nothing happens until somebody says what it is. */
import type { DeviceItem } from '@backstay/proto/rest/devices'
import { useState } from 'react'
import { Link } from 'wouter'
import { send } from '../../api/client.ts'
import { useDeed } from '../../api/queries.ts'
import { Button } from '../../parts/controls.tsx'
import { Note, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { may, usePerson } from '../../shell/session.ts'
import { SignDialog } from '../../signing/sign-dialog.tsx'

export function LooksLike({
  device: { device, name, looksLike: old },
}: {
  readonly device: Pick<DeviceItem, 'device' | 'name' | 'looksLike'>
}) {
  const [isReplacing, setReplacing] = useState(false)
  const person = usePerson()
  const path = `/devices/${device}/not-same`
  const part = useDeed(() => send('POST', path, { device: old?.device }), ['/devices'])
  if (old === undefined) return null
  return (
    <>
      <Note
        tone="warn"
        actions={
          <span className="row wrap">
            <Button small onPress={() => setReplacing(true)}>
              Replace {old.name}…
            </Button>
            {may(person, 'policy') && (
              <Button small onPress={() => part.mutate(undefined)} isDisabled={part.isPending}>
                Not the same
              </Button>
            )}
          </span>
        }
      >
        <p>
          This looks like a new installation of <Link href={`/devices/${old.device}`}>{old.name}</Link>, last
          seen <Ago atMs={old.lastSeenAtMs} never="never" />. Is it its replacement?{' '}
          <Link href={`/restore/${old.device}`}>Restore what {old.name} had</Link> before or after.
        </p>
      </Note>
      {part.error !== null && <Trouble error={part.error} safe="Nothing was changed." />}
      <SignDialog
        title={`Replace ${old.name} by ${name}`}
        isOpen={isReplacing}
        onClose={() => setReplacing(false)}
        what={`${old.name} may not connect any more and is no longer counted. Every snapshot of it stays and can be restored onto ${name}.`}
        undo="This cannot be undone: the old machine would have to be enrolled anew."
        drafts={[
          { kind: 'revoke', what: 'device', id: old.device, reason: `replaced by ${device.slice(0, 8)}` },
        ]}
        deed={`Retire ${old.name}`}
        command={`backstay retire ${old.device} --reason 'replaced by ${device.slice(0, 8)}'`}
        isDanger
        changes={['/devices', '/overview']}
      />
    </>
  )
}
