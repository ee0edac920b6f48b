/** A new password; all my other sessions end. */
import { useState } from 'react'
import { send } from '../../api/client.ts'
import { useDeed } from '../../api/queries.ts'
import { Button, Field } from '../../parts/controls.tsx'
import { Panel } from '../../parts/page.tsx'
import { Note, Trouble } from '../../parts/saying.tsx'

export function MyPassword() {
  const [password, setPassword] = useState('')
  const [newPassword, setNewPassword] = useState('')
  const change = useDeed(
    () => send('POST', '/me/password', { password, newPassword }),
    ['/sessions', '/session'],
  )
  return (
    <Panel title="My password">
      <form
        className="stack wide narrow"
        onSubmit={event => {
          event.preventDefault()
          change.mutate(undefined, {
            onSuccess: () => {
              setPassword('')
              setNewPassword('')
            },
          })
        }}
      >
        {change.error !== null && <Trouble error={change.error} safe="The password is as it was." />}
        {change.isSuccess && <Note tone="good">Changed. All your other sessions have ended.</Note>}
        <Field
          label="Password now"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          isRequired
        />
        <Field
          label="New password"
          help="At least 12 letters; a sentence is fine."
          type="password"
          autoComplete="new-password"
          minLength={12}
          value={newPassword}
          onChange={setNewPassword}
          isRequired
        />
        <div>
          <Button type="submit" look="main" isDisabled={change.isPending}>
            Change it
          </Button>
        </div>
      </form>
    </Panel>
  )
}
