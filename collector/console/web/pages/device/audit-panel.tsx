/** Who did what with the device. */
import type { AuditLine } from '@backstay/proto/rest/devices'
import { useAsk } from '../../api/queries.ts'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { actorText } from '../../words/ids.ts'

export function AuditPanel({ device }: { readonly device: string }) {
  const { data, error } = useAsk<{ readonly items: readonly AuditLine[] }>(`/devices/${device}/audit`, {
    limit: 20,
  })
  return (
    <Panel title="Audit" bare>
      {error !== null ? (
        <Trouble error={error} />
      ) : data === undefined ? (
        <Coming lines={4} />
      ) : data.items.length === 0 ? (
        <Empty title="Nothing was done with it yet" />
      ) : (
        <table className="table">
          <tbody>
            {data.items.map(line => (
              <tr key={line.sequence}>
                <td>{line.action.replaceAll(/[._]/g, ' ')}</td>
                <td className="soft break" title={line.actor}>
                  {actorText(line)}
                </td>
                <td className="tight faint">
                  <Ago atMs={line.atMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
