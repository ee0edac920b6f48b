/** What was signed for this layer, newest first, and what each version changed. */
import { hex } from '@backstay/proto/bytes'
import { decodePolicy, type Policy } from '@backstay/proto/policy/policy'
import { settingText } from '@backstay/proto/policy/setting-text'
import { keyOf, type LayerSetting } from '@backstay/proto/policy/settings'
import type { RecordItem } from '@backstay/proto/rest/records'
import { useMemo } from 'react'
import { useAll } from '../../api/queries.ts'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty, Note } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { shownRecord } from '../../words/records.ts'
import { settingTitle } from '../../words/settings.ts'

export function History({ audience }: { readonly audience: string }) {
  const { data } = useAll<RecordItem>('/records', { kind: 'policy' })
  const versions = useMemo(() => versionsOf(data?.items ?? [], audience), [data, audience])
  return (
    <Panel title="History" bare>
      {data?.isCut && (
        <Note>What was signed last is not shown: backstay policy history lists all of it.</Note>
      )}
      {data === undefined ? (
        <Coming lines={3} />
      ) : versions.length === 0 ? (
        <Empty title="Nothing was signed for this layer yet" />
      ) : (
        <table className="table">
          <tbody>
            {versions.map(({ policy, changes }) => (
              <tr key={hex(policy.order.id)}>
                <td className="tight">Version {policy.order.sequence}</td>
                <td className="break">
                  {changes.length === 0
                    ? 'no change'
                    : changes.map(change => (
                        <p key={change.key}>
                          {settingTitle(change.key)}:{' '}
                          {change.before !== undefined && <span className="gone-value">{change.before}</span>}{' '}
                          {change.after ?? 'not set any more'}
                        </p>
                      ))}
                </td>
                <td className="tight faint">
                  <Ago atMs={policy.order.issuedAtMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

interface Changed {
  readonly key: string
  readonly before: string | undefined
  readonly after: string | undefined
}

interface Version {
  readonly policy: Policy
  readonly changes: readonly Changed[]
}

/** What does not decode is left out: it was signed by a newer version, and the device page says so. */
function versionsOf(items: readonly RecordItem[], audience: string): Version[] {
  const policies = items
    .flatMap(({ envelope }) => shownRecord(envelope, decodePolicy) ?? [])
    .filter(({ order }) => (order.audience[0] === undefined ? '' : hex(order.audience[0])) === audience)
    .sort((a, b) => a.order.trustVersion - b.order.trustVersion || a.order.sequence - b.order.sequence)
  return policies.map((policy, at) => ({ policy, changes: changesOf(policies[at - 1], policy) })).reverse()
}

function changesOf(before: Policy | undefined, after: Policy): Changed[] {
  const texts = (policy: Policy | undefined) =>
    new Map(policy?.settings.map(one => [keyOf(one), textOf(one)]))
  const [old, now] = [texts(before), texts(after)]
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter(key => old.get(key) !== now.get(key))
    .sort()
    .map(key => ({ key, before: old.get(key), after: now.get(key) }))
}

function textOf(setting: LayerSetting): string {
  return `${settingText(setting)}${setting.locked ? ' (locked)' : ''}`
}
