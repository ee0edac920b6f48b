/**
 * The question before something is signed: what will happen, to how many, whether it can be undone; then the key. Without a
 * key in the page it says how it is done with one, or asks a key holder to do it.
 */

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { OrderDraft } from '../../policy/order-drafts.ts'
import { send } from '../api/client.ts'
import { refresh } from '../api/queries.ts'
import { type Draft, type Signed, useKeys } from '../keys/keys.ts'
import { Button, Field } from '../parts/controls.tsx'
import { Copied } from '../parts/copied.tsx'
import { Asking } from '../parts/dialog.tsx'
import { Note, Trouble } from '../parts/saying.tsx'
import { useGuard } from '../shell/step-up.tsx'
import { FilesEffectLines } from './files-effect.tsx'
import { OrderEffectLines } from './order-effect.tsx'

export interface SigningProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  /** What happens, as sentences. */
  readonly what: string
  readonly undo: string
  readonly drafts: readonly Draft[]
  /** The word on the button: `Back up 3 devices`. */
  readonly deed: string
  readonly isDanger?: boolean
  /** How a key holder does it in a terminal, where there is such a command. */
  readonly command?: string | undefined
  /** Makes wishes for a key holder instead; absent where nobody may wish for it. */
  readonly wish?: ((note: string) => Promise<void>) | undefined
  /** Beginnings of paths that change. */
  readonly changes: readonly string[]
  readonly onDone?: (signed: readonly Signed[]) => void
}

export function SignDialog(props: SigningProps) {
  return (
    <Asking title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <SignForm {...props} />
    </Asking>
  )
}

function SignForm(props: SigningProps) {
  const keys = useKeys()
  const client = useQueryClient()
  const guard = useGuard()
  const [passphrase, setPassphrase] = useState('')
  const [note, setNote] = useState('')
  const [done, setDone] = useState(0)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [isWished, setWished] = useState(false)

  const order = orderIn(props.drafts)
  const effect = useQuery({
    queryKey: ['vault', 'effect', JSON.stringify(order)],
    queryFn: () => (order === undefined ? undefined : keys.vault?.effect(order)),
    enabled: order !== undefined && keys.state === 'open',
    retry: false,
    // Somebody else may have signed meanwhile.
    gcTime: 0,
  })
  const changesFiles = effect.data?.changesFiles === true
  const files = useQuery({
    queryKey: ['vault', 'files', JSON.stringify(order)],
    queryFn: () => (order === undefined ? undefined : keys.vault?.files(order)),
    enabled: changesFiles && keys.state === 'open',
    retry: false,
    gcTime: 0,
  })
  // An order is signed by whoever was shown what it does; what cannot be counted is said, and hinders nobody.
  const isUnseen =
    (order !== undefined && effect.data === undefined) || (changesFiles && files.status === 'pending')

  const attempt = async (deed: () => Promise<void>) => {
    setBusy(true)
    setError(undefined)
    try {
      await deed()
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  const sign = async () => {
    if (keys.state === 'locked') {
      await keys.unlock(passphrase)
      if (order !== undefined) return
    }
    const signed: Signed[] = []
    // What was signed and taken before one fails stays done; the rest can be tried again.
    for (const draft of props.drafts.slice(done)) {
      const one = await keys.sign(draft)
      await send('POST', '/records', { envelope: one.envelope })
      signed.push(one)
      setDone(before => before + 1)
    }
    await refresh(client, props.changes)
    props.onDone?.(signed)
    props.onClose()
  }
  const wish = async () => {
    await guard(async () => props.wish?.(note))
    await refresh(client, ['/intents'])
    setWished(true)
  }

  if (isWished) {
    return (
      <>
        <Note tone="good">
          Asked. Whoever holds a key sees it on the Overview, and signs or declines; there you see it too.
        </Note>
        <End {...props} />
      </>
    )
  }
  return (
    <>
      <p>{props.what}</p>
      <p className="soft">{props.undo}</p>
      {error !== undefined && (
        <Trouble
          error={error}
          safe={
            done === 0 ? 'Nothing was signed.' : `${done} of ${props.drafts.length} are done and stay done.`
          }
        />
      )}
      {keys.state === 'absent' ? (
        <>
          <Note>
            There is no key in this page. Open it with <code>backstay console</code>, or run this where your
            key is:
          </Note>
          {props.command !== undefined && <Copied text={props.command} />}
          {props.wish !== undefined && (
            <Field
              label="Or ask a key holder, with a note"
              value={note}
              onChange={setNote}
              maxLength={1000}
            />
          )}
          <End {...props}>
            {props.wish !== undefined && (
              <Button look="main" isDisabled={busy} onPress={() => void attempt(wish)}>
                Ask for it
              </Button>
            )}
          </End>
        </>
      ) : (
        <form
          className="stack wide"
          onSubmit={event => {
            event.preventDefault()
            void attempt(sign)
          }}
        >
          {keys.state === 'locked' && (
            <Field
              label="Passphrase of your key"
              type="password"
              autoComplete="off"
              value={passphrase}
              onChange={setPassphrase}
              isRequired
              autoFocus
            />
          )}
          {order !== undefined && keys.state === 'open' && (
            <OrderEffectLines effect={effect.data} error={effect.error} />
          )}
          {changesFiles && <FilesEffectLines effect={files.data} error={files.error} />}
          <End {...props}>
            <Button
              type="submit"
              look={props.isDanger ? 'danger' : 'main'}
              isDisabled={busy || (keys.state === 'open' && isUnseen)}
            >
              {keys.state === 'locked' && order !== undefined
                ? 'See what it does'
                : busy && props.drafts.length > 1
                  ? `${done} of ${props.drafts.length}…`
                  : props.deed}
            </Button>
          </End>
        </form>
      )}
    </>
  )
}

/** An order about policy that is signed alone, as all are. */
function orderIn([draft, another]: readonly Draft[]): OrderDraft | undefined {
  if (draft === undefined || another !== undefined) return undefined
  return draft.kind === 'policy' || draft.kind === 'group' || draft.kind === 'assignment' ? draft : undefined
}

function End({ onClose, children }: { readonly onClose: () => void; readonly children?: React.ReactNode }) {
  return (
    <div className="dialog-end">
      <Button onPress={onClose}>Close</Button>
      {children}
    </div>
  )
}
