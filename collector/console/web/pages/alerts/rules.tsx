/** When an alert is raised, and whom it is told. */

import { Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { send } from '../../api/client.ts'
import { useAsk, useDeed } from '../../api/queries.ts'
import { Button, Choose, Field, Tick } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Panel } from '../../parts/page.tsx'
import { Coming, Empty, Trouble } from '../../parts/saying.tsx'
import { spanText } from '../../words/times.ts'
import { type AlertKind, type AlertRule, alertKinds, type ChannelItem, type RuleBody } from './alert-types.ts'
import { kindWords } from './rule-words.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** The collector's own, for rules that say nothing else. */
const usualSettleMs = 10 * minuteMs

export function Rules({ mayChange }: { readonly mayChange: boolean }) {
  const { data, error, refetch } = useAsk<{ readonly items: readonly AlertRule[] }>(
    '/alert-rules',
    {},
    { everyMs: 15_000 },
  )
  const [asked, ask] = useState<'new' | AlertRule>()
  return (
    <Panel
      title="Rules"
      bare
      actions={
        mayChange && (
          <Button small onPress={() => ask('new')}>
            <Plus size={14} aria-hidden />
            Add
          </Button>
        )
      }
    >
      {error !== null ? (
        <Trouble error={error} onAgain={() => void refetch()} />
      ) : data === undefined ? (
        <Coming lines={6} />
      ) : data.items.length === 0 ? (
        <Empty title="No rule yet">The collector begins with the usual ones within a minute.</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>Rule</th>
              <th>When</th>
              <th>Grade</th>
              <th>Told again</th>
              <th className="number">Channels</th>
              <th>
                <span className="unseen">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(rule => (
              <tr key={rule.id}>
                <td>
                  {rule.name}
                  {!rule.enabled && <span className="faint"> (off)</span>}
                </td>
                <td className="soft">{whenText(rule)}</td>
                <td className={`tone ${rule.severity === 'critical' ? 'bad' : 'warn'}`}>{rule.severity}</td>
                <td className="soft">{rule.repeatMs === 0 ? 'once' : `every ${spanText(rule.repeatMs)}`}</td>
                <td className="number">
                  {rule.channels.length === 0 ? <span className="faint">all</span> : rule.channels.length}
                </td>
                <td className="tight">
                  {mayChange && (
                    <Button small onPress={() => ask(rule)} aria-label={`Change ${rule.name}`}>
                      Change
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {asked !== undefined && (
        <RuleForm rule={asked === 'new' ? undefined : asked} onClose={() => ask(undefined)} />
      )}
    </Panel>
  )
}

function whenText({ kind, threshold, forMs }: AlertRule): string {
  const { what, unit } = kindWords[kind]
  const than = unit === undefined || threshold === undefined ? '' : ` ${threshold} ${unit}`
  return `${what}${than}${forMs === 0 ? '' : `, for ${spanText(forMs)}`}`
}

function RuleForm({ rule, onClose }: { readonly rule: AlertRule | undefined; readonly onClose: () => void }) {
  const [kind, setKind] = useState<AlertKind>(rule?.kind ?? 'unprotected')
  const [name, setName] = useState(rule?.name ?? kindWords.unprotected.name)
  const [severity, setSeverity] = useState<RuleBody['severity']>(rule?.severity ?? 'critical')
  const [threshold, setThreshold] = useState(String(rule?.threshold ?? ''))
  const [hours, setHours] = useState(String((rule?.forMs ?? 0) / hourMs))
  const [again, setAgain] = useState(String((rule?.repeatMs ?? 24 * hourMs) / hourMs))
  const [settled, setSettled] = useState(String((rule?.settleMs ?? usualSettleMs) / minuteMs))
  const [enabled, setEnabled] = useState(rule?.enabled ?? true)
  const [tellRecovery, setTellRecovery] = useState(rule?.tellRecovery ?? true)
  const [channels, setChannels] = useState<readonly string[]>(rule?.channels ?? [])
  const known = useAsk<{ readonly items: readonly ChannelItem[] }>('/channels')
  const unit = kindWords[kind].unit
  const save = useDeed(() => {
    const body = {
      ...{ name, severity, enabled, tellRecovery, channels },
      ...{ forMs: Math.round(Number(hours) * hourMs), repeatMs: Math.round(Number(again) * hourMs) },
      settleMs: Math.round(Number(settled) * minuteMs),
      ...(unit !== undefined && threshold !== '' && { threshold: Number(threshold) }),
    }
    return rule === undefined
      ? send('POST', '/alert-rules', { kind, ...body })
      : send('PATCH', `/alert-rules/${rule.id}`, body)
  }, ['/alert-rules', '/alerts'])
  const remove = useDeed(() => send('DELETE', `/alert-rules/${rule?.id ?? ''}`), ['/alert-rules', '/alerts'])
  const error = save.error ?? remove.error
  return (
    <Asking title={rule === undefined ? 'New rule' : rule.name} isOpen onClose={onClose}>
      <form
        className="stack wide"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          save.mutate(undefined, { onSuccess: onClose })
        }}
      >
        {error !== null && <Trouble error={error} safe="The rules are as they were." />}
        {rule === undefined && (
          <Choose
            label="What it looks at"
            choices={alertKinds.map(id => ({ id, name: kindWords[id].name }))}
            value={kind}
            onChange={id => {
              const next = alertKinds.find(one => one === id) ?? kind
              setKind(next)
              setName(kindWords[next].name)
            }}
          />
        )}
        <Field label="Name" value={name} onChange={setName} isRequired />
        {unit !== undefined && (
          <Field
            label={`${kindWords[kind].what} (${unit})`}
            inputMode="decimal"
            value={threshold}
            onChange={setThreshold}
            isRequired
          />
        )}
        <div className="row">
          <Field label="When it lasts (hours)" inputMode="decimal" value={hours} onChange={setHours} />
          <Field
            label="Told again every (hours)"
            help="0: once."
            inputMode="decimal"
            value={again}
            onChange={setAgain}
          />
        </div>
        <Field
          label="Over when all was well for (minutes)"
          help="What comes back sooner is the same alert. 0: at the next look; a day at most."
          inputMode="decimal"
          value={settled}
          onChange={setSettled}
        />
        <Choose
          label="Grade"
          choices={[
            { id: 'warning', name: 'Warning' },
            { id: 'critical', name: 'Critical' },
          ]}
          value={severity}
          onChange={id => setSeverity(id === 'critical' ? 'critical' : 'warning')}
        />
        {/* Without a tick it is told everywhere. */}
        {(known.data?.items ?? []).map(channel => (
          <Tick
            key={channel.id}
            isSelected={channels.includes(channel.id)}
            onChange={is =>
              setChannels(is ? [...channels, channel.id] : channels.filter(one => one !== channel.id))
            }
          >
            Only by {channel.name}
          </Tick>
        ))}
        <Tick isSelected={tellRecovery} onChange={setTellRecovery}>
          Tell also when it is over
        </Tick>
        <Tick isSelected={enabled} onChange={setEnabled}>
          On
        </Tick>
        <div className="dialog-end">
          {rule !== undefined && (
            <Button look="danger" onPress={() => remove.mutate(undefined, { onSuccess: onClose })}>
              Remove
            </Button>
          )}
          <Button type="submit" look="main" isDisabled={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Asking>
  )
}
