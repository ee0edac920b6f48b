/** Who may read and command, and the deeds of whoever holds the recovery kit. */
import { hex } from '@backstay/proto/bytes'
import type { Admin, TrustDocument } from '@backstay/proto/trust/trust-shape'
import { KeyRound, Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { AdminRole, TrustChange } from '../../../trust/trust-change.ts'
import { useKeys } from '../../keys/keys.ts'
import { Button, Field, Tick } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Panel } from '../../parts/page.tsx'
import { Ago } from '../../parts/time.tsx'
import { TrustDialog } from './trust-dialog.tsx'

type Asked =
  | { readonly kind: 'add' }
  | { readonly kind: 'roles'; readonly admin: Admin }
  | {
      readonly kind: 'sign'
      readonly change: TrustChange
      readonly title: string
      readonly deed: string
      readonly isDanger?: boolean
    }

/** In the page of `backstay console` alone: a page of a collector is no place for the kit. */
export function AdminsPanel({ document }: { readonly document: TrustDocument }) {
  const keys = useKeys()
  const [asked, ask] = useState<Asked>()
  const mayAsk = keys.isLocal && keys.state === 'open'
  const close = () => ask(undefined)
  const remove = ({ key, name }: Admin) =>
    ask({
      kind: 'sign',
      change: { kind: 'remove', key: hex(key) },
      title: `Remove ${name}`,
      deed: `Remove ${name}`,
      isDanger: true,
    })
  return (
    <Panel
      title="Admins"
      className="span-8"
      bare
      actions={
        mayAsk && (
          <Button small onPress={() => ask({ kind: 'add' })}>
            <Plus size={14} aria-hidden />
            Add
          </Button>
        )
      }
    >
      <table className="table">
        <thead>
          <tr>
            <th>Admin</th>
            <th>May</th>
            <th>Until</th>
            <th>Key</th>
            {mayAsk && (
              <th>
                <span className="unseen">Change</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {document.admins.map(admin => (
            <tr key={hex(admin.key)}>
              <td className="row">
                <KeyRound size={14} aria-hidden />
                {admin.name}
              </td>
              <td>{admin.roles.join(', ')}</td>
              <td>{admin.notAfterMs === 0 ? 'no end' : <Ago atMs={admin.notAfterMs} />}</td>
              <td>
                <code>{hex(admin.key).slice(0, 16)}</code>
              </td>
              {mayAsk && (
                <td className="tight">
                  {admin.name !== keys.name && (
                    <span className="row">
                      <Button
                        small
                        aria-label={`Roles of ${admin.name}`}
                        onPress={() => ask({ kind: 'roles', admin })}
                      >
                        Roles
                      </Button>
                      <Button small aria-label={`Remove ${admin.name}`} onPress={() => remove(admin)}>
                        Remove
                      </Button>
                    </span>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {asked?.kind === 'add' && <AddForm onClose={close} onAsk={ask} />}
      {asked?.kind === 'roles' && <RolesForm admin={asked.admin} onClose={close} onAsk={ask} />}
      {asked?.kind === 'sign' && <TrustDialog {...asked} onClose={close} />}
    </Panel>
  )
}

export function RotateDesk() {
  const keys = useKeys()
  const [isAsked, ask] = useState(false)
  if (!keys.isLocal || keys.state !== 'open') return null
  return (
    <div>
      <Button onPress={() => ask(true)}>Make the desk key anew…</Button>
      {isAsked && (
        <TrustDialog
          title="Make the desk key anew"
          change={{ kind: 'rotate' }}
          deed="Sign the new key"
          onClose={() => ask(false)}
        />
      )}
    </div>
  )
}

export function ReplaceCollectorKeys() {
  const keys = useKeys()
  const [asked, ask] = useState<'paste' | 'sign'>()
  const [text, setText] = useState('')
  if (!keys.isLocal || keys.state !== 'open') return null
  const close = () => ask(undefined)
  return (
    <div>
      <Button onPress={() => ask('paste')}>Announce new keys of the collector…</Button>
      {asked === 'paste' && (
        <Asking title="New keys of the collector" isOpen onClose={close}>
          <form
            className="stack wide"
            onSubmit={(event: FormEvent) => {
              event.preventDefault()
              ask('sign')
            }}
          >
            <p>
              On the machine of the collector, <code>backstay-collector next-keys</code> makes them and prints
              what to paste here. Their secret parts stay there.
            </p>
            <Field label="What it printed" lines={6} value={text} onChange={setText} isRequired />
            <div className="dialog-end">
              <Button onPress={close}>Close</Button>
              <Button type="submit" look="main" isDisabled={text.trim() === ''}>
                See what it does…
              </Button>
            </div>
          </form>
        </Asking>
      )}
      {asked === 'sign' && (
        <TrustDialog
          title="New keys of the collector"
          change={{ kind: 'announce', keys: text }}
          deed="Sign and announce"
          onClose={close}
        />
      )}
    </div>
  )
}

const roles = [
  { id: 'policy', name: 'Set policies, give commands to devices' },
  { id: 'restore', name: 'Read and restore every backup' },
  { id: 'enroll', name: 'Let devices in, retire them' },
  { id: 'audit', name: 'Read the audit log' },
] as const

interface FormProps {
  readonly onClose: () => void
  readonly onAsk: (asked: Asked) => void
}

function AddForm({ onClose, onAsk }: FormProps) {
  const [request, setRequest] = useState('')
  const [chosen, choose] = useState<readonly AdminRole[]>(['policy', 'restore', 'enroll', 'audit'])
  return (
    <Asking title="Add an admin" isOpen onClose={onClose}>
      <form
        className="stack wide"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          const change = { kind: 'add', request, roles: chosen } as const
          onAsk({ kind: 'sign', change, title: 'Add an admin', deed: 'Sign and add' })
        }}
      >
        <p>
          Whoever shall become one runs <code>backstay admins request NAME</code> on the own machine and sends
          you what it prints. The secret keys stay there.
        </p>
        <Field label="The request" lines={6} value={request} onChange={setRequest} isRequired />
        <RoleTicks chosen={chosen} onChange={choose} />
        <div className="dialog-end">
          <Button onPress={onClose}>Close</Button>
          <Button type="submit" look="main" isDisabled={request.trim() === '' || chosen.length === 0}>
            See what it does…
          </Button>
        </div>
      </form>
    </Asking>
  )
}

function RolesForm({ admin, onClose, onAsk }: FormProps & { readonly admin: Admin }) {
  const [chosen, choose] = useState<readonly AdminRole[]>(admin.roles as readonly AdminRole[])
  return (
    <Asking title={`Roles of ${admin.name}`} isOpen onClose={onClose}>
      <form
        className="stack wide"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          const change = { kind: 'roles', key: hex(admin.key), roles: chosen } as const
          onAsk({ kind: 'sign', change, title: `Roles of ${admin.name}`, deed: 'Sign the roles' })
        }}
      >
        <RoleTicks chosen={chosen} onChange={choose} />
        <div className="dialog-end">
          <Button onPress={onClose}>Close</Button>
          <Button type="submit" look="main" isDisabled={chosen.length === 0}>
            See what it does…
          </Button>
        </div>
      </form>
    </Asking>
  )
}

interface RoleTicksProps {
  readonly chosen: readonly AdminRole[]
  readonly onChange: (chosen: readonly AdminRole[]) => void
}

function RoleTicks({ chosen, onChange }: RoleTicksProps) {
  return (
    <fieldset className="plain-set stack">
      <legend className="field-label">May</legend>
      {roles.map(({ id, name }) => (
        <Tick
          key={id}
          isSelected={chosen.includes(id)}
          onChange={is => onChange(is ? [...chosen, id] : chosen.filter(one => one !== id))}
        >
          {name}
        </Tick>
      ))}
    </fieldset>
  )
}
