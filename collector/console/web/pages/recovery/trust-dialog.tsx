/** A change of who may read and command: what it says and does, told by the thread that composed it; then the kit, and it is signed. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import type { TrustChange } from '../../../trust/trust-change.ts'
import { refresh } from '../../api/queries.ts'
import { useKeys } from '../../keys/keys.ts'
import { Button } from '../../parts/controls.tsx'
import { Copied } from '../../parts/copied.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Coming, Note, Trouble } from '../../parts/saying.tsx'
import { KitLines, KitPage } from './kit-lines.tsx'

export interface TrustDialogProps {
  readonly title: string
  readonly change: TrustChange
  readonly deed: string
  readonly isDanger?: boolean
  readonly onClose: () => void
}

export function TrustDialog({ title, change, deed, isDanger = false, onClose }: TrustDialogProps) {
  const { vault } = useKeys()
  const client = useQueryClient()
  const [kit, setKit] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [invitation, setInvitation] = useState<string>()
  const [isProposed, setProposed] = useState(false)
  // One number for each look, so that nothing is signed that was composed for another.
  const look = useRef(crypto.randomUUID())
  const prepared = useQuery({
    queryKey: ['vault', 'trust', look.current],
    queryFn: () => vault?.prepareTrust(change),
    enabled: vault !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
  const sign = async (event: FormEvent) => {
    event.preventDefault()
    const id = prepared.data?.id
    if (vault === undefined || id === undefined) return
    setBusy(true)
    setError(undefined)
    try {
      const signed = await vault.signTrust(id, kit)
      setKit('')
      await refresh(client, ['/trust', '/trust/proposal', '/records', '/overview'])
      if (signed.isProposed) setProposed(true)
      else if (signed.invitation === undefined) onClose()
      else setInvitation(signed.invitation)
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Asking title={title} isOpen onClose={onClose} wide>
      {isProposed ? (
        <div className="stack wide">
          <Note>Signed by one owner. Nothing has changed yet: others must sign it, too.</Note>
          <p>
            It waits for them with the collector. There: <code>backstay owners confirm --kit FILE</code>
          </p>
          <div className="dialog-end">
            <Button onPress={onClose}>Close</Button>
          </div>
        </div>
      ) : invitation !== undefined ? (
        <div className="stack wide">
          <Note tone="good">Signed. Put the kit back into its envelope.</Note>
          <p>
            Send this line back: it is no secret. There it goes into a file, and then{' '}
            <code>backstay admins join FILE</code>
          </p>
          <div className="invitation">
            <Copied text={invitation} />
          </div>
          <div className="dialog-end">
            <Button onPress={onClose}>Close</Button>
          </div>
        </div>
      ) : (
        <form className="stack wide" onSubmit={event => void sign(event)}>
          {prepared.error !== null ? (
            <Trouble error={prepared.error} safe="Nothing was signed." />
          ) : prepared.data === undefined ? (
            <Coming lines={3} />
          ) : (
            <div role="status">
              <ul className="trust-lines">
                {prepared.data.lines.map(line => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </div>
          )}
          {error !== undefined && <Trouble error={error} safe="Who may read and command is as it was." />}
          <KitLines kit={kit} onKit={setKit} />
          <div className="dialog-end">
            <KitPage onKit={setKit} />
            <Button onPress={onClose}>Close</Button>
            <Button
              type="submit"
              look={isDanger ? 'danger' : 'main'}
              isDisabled={isBusy || prepared.data === undefined}
            >
              {deed}
            </Button>
          </div>
        </form>
      )}
    </Asking>
  )
}
