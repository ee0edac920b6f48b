/** Where I am signed in. */
import type { SessionItem } from '@backstay/proto/rest/session'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button } from '../../parts/controls.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'

export function MySessions() {
  const { data, error } = useAsk<{ readonly items: readonly SessionItem[] }>('/sessions')
  const end = useDeed((id: string) => send('DELETE', `/sessions/${id}`), ['/sessions'])
  return (
    <Panel title="My sessions" bare>
      {error !== null || end.error !== null ? (
        <Trouble error={error ?? end.error} />
      ) : data === undefined ? (
        <Coming lines={3} />
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Browser</th>
              <th>From</th>
              <th>Signed in with</th>
              <th>Last seen</th>
              <th>Ends</th>
              <th>
                <span className="unseen">End</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(one => (
              <tr key={one.id}>
                <td className="break">
                  {browserText(one.software)}
                  {one.current && <span className="faint"> (this one)</span>}
                </td>
                <td>{one.address}</td>
                <td>{one.method}</td>
                <td>
                  <Ago atMs={one.lastSeenAtMs} />
                </td>
                <td>
                  <Ago atMs={one.expiresAtMs} />
                </td>
                <td className="tight">
                  {!one.current && (
                    <Button small onPress={() => end.mutate(one.id)}>
                      Sign out
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

/** What a browser says of itself, in short. */
function browserText(software: string): string {
  const [, name, version] = /(Firefox|Edg|Chrome|Safari)\/(\d+)/.exec(software) ?? []
  return name === undefined ? software.slice(0, 60) : `${name} ${version}`
}
