/** Who may sign in, as what. Roles make the console calm; what may be opened or changed, keys decide. */
import type { Person, peopleRoutes } from '@backstay/proto/rest/people'
import type { AnswerOf } from '@backstay/proto/rest/route'
import type { PersonRole } from '@backstay/proto/rest/shapes'
import { UserPlus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button, Field, Tick } from '../../parts/controls.tsx'
import { Copied } from '../../parts/copied.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Note, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { usePerson } from '../../shell/session.ts'
import { GroupTicks, groupsText } from './group-ticks.tsx'
import { roleNames, roleWords } from './roles.ts'

type Added = AnswerOf<typeof peopleRoutes.add>

export function People() {
  const { data, error, refetch } = useAsk<{ readonly items: readonly Person[] }>('/people')
  const [asked, ask] = useState<'new' | Person>()
  const [secret, setSecret] = useState<Added>()
  const me = usePerson()
  return (
    <Panel
      title="People"
      bare
      actions={
        <Button small onPress={() => ask('new')}>
          <UserPlus size={14} aria-hidden />
          Add
        </Button>
      }
    >
      {error !== null ? (
        <Trouble error={error} onAgain={() => void refetch()} />
      ) : data === undefined ? (
        <Coming lines={4} />
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Name</th>
              <th>Roles</th>
              <th>Sees</th>
              <th>Second factor</th>
              <th>Last signed in</th>
              <th>
                <span className="unseen">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(person => (
              <tr key={person.id}>
                <td>
                  {person.name}
                  {person.id === me.person && <span className="faint"> (you)</span>}
                  {person.disabled && <span className="tone warn"> (may not sign in)</span>}
                  <p className="faint">{person.account}</p>
                </td>
                <td>{person.roles.join(', ')}</td>
                <td className="soft">{groupsText(person.groups)}</td>
                <td>
                  <Factors person={person} />
                </td>
                <td>
                  <Ago atMs={person.lastSignInAtMs} never="never" />
                </td>
                <td className="tight">
                  <Button small onPress={() => ask(person)} aria-label={`Change ${person.name}`}>
                    Change
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {asked !== undefined && (
        <PersonForm
          person={asked === 'new' ? undefined : asked}
          onClose={() => ask(undefined)}
          onSecret={setSecret}
        />
      )}
      <Asking
        title="First password"
        isOpen={secret?.firstPassword !== undefined}
        onClose={() => setSecret(undefined)}
      >
        <p>
          {secret?.person.name} signs in with it once, and then chooses another. It is shown this once; the
          collector keeps only its hash.
        </p>
        <Copied text={secret?.firstPassword ?? ''} />
      </Asking>
    </Panel>
  )
}

function Factors({ person }: { readonly person: Person }) {
  const found = [
    person.passkeys > 0 && 'passkey',
    person.totp && 'six digits',
    person.oidc && 'organisation',
  ].filter(Boolean)
  return found.length > 0 ? <span>{found.join(', ')}</span> : <span className="tone warn">none</span>
}

interface PersonFormProps {
  readonly person: Person | undefined
  readonly onClose: () => void
  readonly onSecret: (added: Added) => void
}

function PersonForm({ person, onClose, onSecret }: PersonFormProps) {
  const [account, setAccount] = useState(person?.account ?? '')
  const [name, setName] = useState(person?.name ?? '')
  const [roles, setRoles] = useState<readonly PersonRole[]>(person?.roles ?? ['viewer'])
  const [groups, setGroups] = useState<readonly string[]>(person?.groups ?? [])
  const scope = groups.length === 0 ? undefined : groups
  const save = useDeed(
    () =>
      person === undefined
        ? send<Added>('POST', '/people', { account, name, roles, ...(scope && { groups: scope }) })
        : send<Added>('PATCH', `/people/${person.id}`, { name, roles, groups: scope ?? null }),
    ['/people'],
  )
  const change = useDeed(
    (body: Readonly<Record<string, boolean>>) => send<Added>('PATCH', `/people/${person?.id ?? ''}`, body),
    ['/people'],
  )
  const done = (added: Added) => {
    onSecret(added)
    onClose()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(undefined, { onSuccess: done })
  }
  const error = save.error ?? change.error
  return (
    <Asking title={person === undefined ? 'Add a person' : person.name} isOpen onClose={onClose}>
      <form className="stack wide" onSubmit={submit}>
        {error !== null && <Trouble error={error} safe="Nothing was changed." />}
        {person === undefined && (
          <Field
            label="Account"
            help="A mail address or a word."
            value={account}
            onChange={setAccount}
            isRequired
          />
        )}
        <Field label="Name" value={name} onChange={setName} isRequired />
        <fieldset className="plain-set">
          <legend className="field-label">Roles</legend>
          <div className="roles">
            {roleNames.map(role => (
              <Tick
                key={role}
                isSelected={roles.includes(role)}
                onChange={is => setRoles(is ? [...roles, role] : roles.filter(one => one !== role))}
              >
                <span>
                  {role}
                  <br />
                  <span className="field-help">{roleWords[role]}</span>
                </span>
              </Tick>
            ))}
          </div>
        </fieldset>
        <GroupTicks chosen={groups} onChange={setGroups} />
        {(roles.includes('owner') || roles.includes('restore')) && (
          <Note>Owner and restore count only after a passkey or six digits were set up.</Note>
        )}
        <div className="dialog-end">
          {person !== undefined && (
            <>
              <Button onPress={() => change.mutate({ resetPassword: true }, { onSuccess: done })}>
                New password
              </Button>
              <Button
                look="danger"
                onPress={() => change.mutate({ disabled: !person.disabled }, { onSuccess: onClose })}
              >
                {person.disabled ? 'Let in again' : 'Shut out'}
              </Button>
            </>
          )}
          <Button type="submit" look="main" isDisabled={roles.length === 0 || save.isPending}>
            {person === undefined ? 'Add' : 'Save'}
          </Button>
        </div>
      </form>
    </Asking>
  )
}
