/** Without a key: a wish for somebody who has one. The path is sealed for the restore admins; the collector cannot read it. */

import { utf8 } from '@backstay/proto/bytes'
import { sealTo } from '@backstay/proto/content/age'
import type { RecordItem } from '@backstay/proto/rest/records'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import { type FormEvent, useState } from 'react'
import { get, send } from '../api/client.ts'
import { useDeed } from '../api/queries.ts'
import { Button, Field } from '../parts/controls.tsx'
import { Panel } from '../parts/page.tsx'
import { Note, Trouble } from '../parts/saying.tsx'
import { may, usePerson } from '../shell/session.ts'

interface Asked {
  readonly path: string
  readonly note: string
}

export function AskFor({ device }: { readonly device: string }) {
  const person = usePerson()
  const [path, setPath] = useState('')
  const [note, setNote] = useState('')
  const asking = useDeed(async (words: Asked) => ask(device, words), ['/intents'])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    asking.mutate({ path, note }, { onSuccess: () => setPath('') })
  }
  if (!may(person, 'helpdesk', 'restore')) {
    return (
      <Note>
        Looking into a backup takes a key, and asking for a restore takes the role help desk. Ask an owner for
        it.
      </Note>
    )
  }
  return (
    <Panel title="Ask for a restore">
      <form className="stack wide restore-unlock" onSubmit={submit}>
        <p className="soft">
          There is no key in this page, so nobody can look into the backup here. Say what is lost: whoever
          holds a key sees it and has the device give it back to itself, into a new folder.
        </p>
        {asking.error !== null && <Trouble error={asking.error} safe="Nothing was asked for." />}
        {asking.isSuccess && <Note tone="good">Asked. You see under Restore what became of it.</Note>}
        <Field
          label="Which folder or file, on the device"
          placeholder="/home/ada/Documents"
          value={path}
          onChange={setPath}
          isRequired
          help="Sealed in this browser for those who hold a restore key; the collector cannot read it."
        />
        <Field label="A word for them" value={note} onChange={setNote} help="Not sealed." />
        <Button look="main" type="submit" isDisabled={asking.isPending || !path.startsWith('/')}>
          Ask
        </Button>
      </form>
    </Panel>
  )
}

/** To the restore admins that Trust names now. The signature on Trust is for the key holder to check, who alone can be harmed. */
async function ask(device: string, { path, note }: Asked): Promise<void> {
  const { items } = await get<{ readonly items: readonly RecordItem[] }>('/trust')
  const newest = items.at(-1)
  if (newest === undefined) throw new Error('there is no Trust document')
  const { admins } = decodeTrust(decodeEnvelope(Uint8Array.fromBase64(newest.envelope)).payload)
  const recipients = admins.filter(one => one.roles.includes('restore')).map(one => one.recipient)
  const sealed = await sealTo(recipients, utf8(JSON.stringify({ path })))
  await send('POST', '/intents', {
    ...{ kind: 'restore', device, sealed: sealed.toBase64() },
    ...(note !== '' && { note }),
  })
}
