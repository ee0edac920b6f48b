/** Where is the folder? A device, a moment, what lay there, and the way back. */
import { ShieldCheck } from 'lucide-react'
import { useParams } from 'wouter'
import { useAsk } from '../api/queries.ts'
import { ChooseKey } from '../keys/choose-key.tsx'
import { useKeys } from '../keys/keys.ts'
import { UnlockForm } from '../keys/unlock.tsx'
import { Page, Panel } from '../parts/page.tsx'
import { Note } from '../parts/saying.tsx'
import { Wishes } from '../wishes/wishes.tsx'
import { AskFor } from './ask-for.tsx'
import { Browse } from './browse.tsx'
import { ChooseDevice } from './choose-device.tsx'
import './restore.css'

export function RestorePage() {
  const { device = '' } = useParams<{ readonly device?: string }>()
  const keys = useKeys()
  if (!/^[0-9a-f]{32}$/.test(device)) {
    return (
      <Page title="Restore" about="Give back a file, a folder or a whole machine. First: whose?">
        <Wishes only="restore" />
        <ChooseDevice />
      </Page>
    )
  }
  if (keys.state === 'open') return <Opened device={device} />
  return (
    <Page title="Restore" about={<DeviceName device={device} />}>
      {keys.state === 'locked' ? (
        <Panel title="Unlock your key">
          <div className="restore-unlock stack wide">
            <p className="soft">
              What is backed up is opened in this browser. The collector sees neither names nor content.
            </p>
            <UnlockForm onDone={() => undefined} />
          </div>
        </Panel>
      ) : (
        <>
          <ChooseKey />
          <AskFor device={device} />
        </>
      )}
    </Page>
  )
}

function Opened({ device }: { readonly device: string }) {
  return (
    <Page
      title="Restore"
      fixed
      about={<DeviceName device={device} />}
      actions={
        <span className="restore-who soft">
          <ShieldCheck size={15} aria-hidden />
          Opened in this browser with your key. The collector sees neither names nor content.
        </span>
      }
    >
      <Browse key={device} device={device} />
    </Page>
  )
}

function DeviceName({ device }: { readonly device: string }) {
  const { data } = useAsk<{
    readonly name: string
    readonly platform: string
    readonly revokedAtMs?: number
  }>(`/devices/${device}`)
  if (data === undefined) return <span className="faint">…</span>
  return (
    <>
      {data.name} <span className="faint">· {data.platform}</span>
      {data.revokedAtMs !== undefined && (
        <Note>This device is retired. What it backed up can be restored as long as it is kept.</Note>
      )}
    </>
  )
}
