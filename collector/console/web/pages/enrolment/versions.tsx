/** Which versions of the agent run, which are to run, and which the collector hands out. */
import type { ReleaseItem, Releases } from '@backstay/proto/rest/releases'
import { Link } from 'wouter'
import { useAsk } from '../../api/queries.ts'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { counted } from '../../words/bytes.ts'
import { rowsOf } from './version-rows.ts'

export function Versions() {
  const { data, error, refetch } = useAsk<Releases>('/releases')
  return (
    <Panel title="Versions of the agent" className="span-12" bare>
      {error !== null && <Trouble error={error} onAgain={() => void refetch()} />}
      {data === undefined ? error === null && <Coming lines={3} /> : <Table known={data} />}
    </Panel>
  )
}

function Table({ known }: { readonly known: Releases }) {
  const rows = rowsOf(known)
  if (rows.length === 0) return <Empty title="No device has said which version it runs." />
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Runs on</th>
            <th scope="col">At risk or unprotected</th>
            <th scope="col">Silent since they took it</th>
            <th scope="col">Still to come</th>
            <th scope="col">On this collector</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ version, spread, release }) => (
            <tr key={version}>
              <td>{version === '' ? 'Unknown' : version}</td>
              <td>{counted(spread?.devices ?? 0, 'device')}</td>
              <td>{devicesText(spread?.unwell)}</td>
              <td>{devicesText(spread?.silent)}</td>
              <td>{devicesText(spread?.awaited)}</td>
              <td>{release === undefined ? 'Not held' : stateText[release.state]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="panel-body soft">
        Devices get a version by the setting “Version of the agent” in <Link href="/policies">Policies</Link>,
        group by group.
        {known.hasKey ? '' : ' This collector knows no release key, so it hands out none.'}
      </p>
    </>
  )
}

const devicesText = (count = 0) => (count === 0 ? 'None' : counted(count, 'device'))

const stateText: Readonly<Record<ReleaseItem['state'], string>> = {
  handed_out: 'Handed out',
  halted: 'Held back: devices that took it are worse than the others',
  stopped: 'Stopped by hand',
}
