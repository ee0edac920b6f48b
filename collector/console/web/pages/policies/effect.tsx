/** What the draft would do, said by the collector before anybody signs; then signing it. */
import { fromHex } from '@backstay/proto/bytes'
import { fleetId } from '@backstay/proto/object/id'
import { encodePolicy } from '@backstay/proto/policy/policy'
import type { Overview } from '@backstay/proto/rest/overview'
import type { policyRoutes } from '@backstay/proto/rest/policies'
import type { AnswerOf } from '@backstay/proto/rest/route'
import type { PolicyLayer } from '@backstay/proto/rest/settings'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { send } from '../../api/client.ts'
import { useAsk } from '../../api/queries.ts'
import { useKeys } from '../../keys/keys.ts'
import { Button } from '../../parts/controls.tsx'
import { Trouble } from '../../parts/saying.tsx'
import { may, usePerson } from '../../shell/session.ts'
import { SignDialog } from '../../signing/sign-dialog.tsx'
import { counted } from '../../words/bytes.ts'
import { base64Of } from '../../words/records.ts'
import { type Draft, plainOf, type WholeSetting, wholeLayer } from './draft.ts'

type Preview = AnswerOf<typeof policyRoutes.preview>

export interface EffectProps {
  readonly id: string
  readonly name: string
  readonly layer: PolicyLayer | undefined
  readonly draft: Draft
  readonly onForget: () => void
}

export function Effect({ id, name, layer, draft, onForget }: EffectProps) {
  const [isSigning, setSigning] = useState(false)
  const person = usePerson()
  const keys = useKeys()
  const changesFiles = [...draft.keys()].some(key => key === 'excludes' || key.startsWith('sets.'))
  const fleet = useAsk<Overview>('/overview').data?.fleet?.id
  const whole = wholeLayer(layer, draft)
  const words = JSON.stringify(whole.map(plainOf))
  const { data, error } = useQuery<Preview>({
    queryKey: ['/policies/preview', id, words],
    queryFn: () =>
      send<Preview>('POST', '/policies/preview', { policy: encoded(fleet ?? '', id, name, layer, whole) }),
    enabled: fleet !== undefined && may(person, 'policy'),
  })
  return (
    <div className="diff-bar" role="status">
      <b>{counted(draft.size, 'change')}, not signed yet.</b>
      {error !== null ? (
        <Trouble error={error} safe="Nothing was signed." />
      ) : (
        <span>{data === undefined ? 'Looking what it would do…' : effectText(data)}</span>
      )}
      {changesFiles && <span className="soft">{filesText[keys.state]}</span>}
      <span className="row wrap push">
        <Button look="quiet" onPress={onForget}>
          Forget the changes
        </Button>
        <Button look="main" onPress={() => setSigning(true)}>
          Sign and roll out…
        </Button>
      </span>
      <SignDialog
        title={`Policy of ${name}`}
        isOpen={isSigning}
        onClose={() => setSigning(false)}
        what={data === undefined ? `It changes ${counted(draft.size, 'setting')}.` : effectText(data)}
        undo={
          data !== undefined && data.droppedSnapshots > 0
            ? 'Snapshots that go cannot be brought back once the collector has collected them. The policy itself can be signed back.'
            : 'It can be signed back at any time.'
        }
        drafts={[
          {
            kind: 'policy',
            layer: id === '' ? 'fleet' : 'group',
            id,
            name: layer?.name ?? name,
            settings: whole.map(plainOf),
          },
        ]}
        deed="Sign and roll out"
        isDanger={(data?.droppedSnapshots ?? 0) > 0}
        command={`backstay policy edit${id === '' ? '' : ` '${name.replaceAll("'", "'\\''")}'`}`}
        changes={['/policies', '/groups', '/devices', '/records']}
        onDone={onForget}
      />
    </div>
  )
}

/** Names and sizes of files are sealed: the collector, which says the rest, cannot read them. */
const filesText = {
  absent:
    'How many files and bytes leave the backup is not shown: only the key of an admin with the role restore opens their names and sizes. backstay policy diff and backstay console show it.',
  locked: 'How many files and bytes leave the backup is counted with your key, before you sign.',
  open: 'How many files and bytes leave the backup is counted before you sign.',
} as const

function effectText({ devices, droppedSnapshots, snapshots }: Preview): string {
  const touched = devices === 0 ? 'No device of today changes' : `${counted(devices, 'device')} will change`
  if (droppedSnapshots === 0) return `${touched}; no snapshot goes.`
  return `${touched}; ${counted(droppedSnapshots, 'snapshot')} of ${snapshots} may go.`
}

/** Unsigned, for the question alone: its order counts for nothing. */
function encoded(
  fleet: string,
  id: string,
  name: string,
  layer: PolicyLayer | undefined,
  whole: readonly WholeSetting[],
): string {
  const order = {
    fleet: fleetId(fromHex(fleet) ?? new Uint8Array(32)),
    id: crypto.getRandomValues(new Uint8Array(16)),
    trustVersion: layer?.trustVersion ?? 1,
    issuedAtMs: Date.now(),
    expiresAtMs: 0,
    sequence: (layer?.sequence ?? 0) + 1,
    audience: id === '' ? [] : [fromHex(id) ?? new Uint8Array(16)],
  }
  const settings = whole.map(({ setting, locked }) => ({ ...setting, locked }))
  return base64Of(encodePolicy({ order, name, settings }))
}
