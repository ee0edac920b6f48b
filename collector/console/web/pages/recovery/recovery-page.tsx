/** If everyone here left today, who could still open the backups? */

import type { Overview } from '@backstay/proto/rest/overview'
import type { RecordItem } from '@backstay/proto/rest/records'
import { kitSince } from '@backstay/proto/trust/kit-since'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import type { TrustDocument } from '@backstay/proto/trust/trust-shape'
import { CircleCheck, CircleX, Printer, Users } from 'lucide-react'
import type { ReactNode } from 'react'
import { useMemo } from 'react'
import { Link } from 'wouter'
import { useAll, useAsk } from '../../api/queries.ts'
import { Copied } from '../../parts/copied.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Page, Panel } from '../../parts/page.tsx'
import { Coming, Note, Trouble } from '../../parts/saying.tsx'
import { Ago } from '../../parts/time.tsx'
import { counted } from '../../words/bytes.ts'
import { useNow } from '../../words/now.ts'
import { shownRecord } from '../../words/records.ts'
import { dayMs } from '../../words/times.ts'
import { AdminsPanel, ReplaceCollectorKeys, RotateDesk } from './admins-panel.tsx'
import { KitSteps, WaitingChange } from './owner-steps.tsx'
import { proofsOf, type WayProof } from './proofs.ts'
import { Prove } from './prove.tsx'
import './recovery.css'

/** A drill that is older says little about today. */
const freshDays = 95

export function RecoveryPage() {
  const trust = useAsk<{ readonly items: readonly RecordItem[] }>('/trust')
  const proofs = useAll<RecordItem>('/records', { kind: 'proof' })
  const overview = useAsk<Overview>('/overview')
  const documents = useMemo(
    () => (trust.data?.items ?? []).flatMap(({ envelope }) => shownRecord(envelope, decodeTrust) ?? []),
    [trust.data],
  )
  const document = documents.at(-1)
  const since = kitSince(documents.map(document => ({ document })))
  const found = useMemo(() => proofsOf(proofs.data?.items ?? [], since), [proofs.data, since])
  const proposal = useAsk<{ readonly envelope?: string }>('/trust/proposal')
  const error = trust.error ?? overview.error
  return (
    <Page title="Keys and recovery">
      <p className="great-question">If everyone here left today, who could still open the backups?</p>
      {proofs.data?.isCut && (
        <Note>The newest proofs are not counted here: backstay prove shows and makes them.</Note>
      )}
      {proposal.data?.envelope !== undefined && document !== undefined && (
        <WaitingChange envelope={proposal.data.envelope} threshold={document.threshold} />
      )}
      {error !== null && <Trouble error={error} safe="Keys and backups are not touched by this page." />}
      {trust.data === undefined || overview.data === undefined ? (
        error === null && <Coming lines={10} />
      ) : document === undefined ? (
        <Note>
          No fleet was founded here yet. Run <code>backstay init</code> where the admin's key shall live; it
          makes the recovery kit.
        </Note>
      ) : (
        <Answer
          document={document}
          kit={found.kit}
          desk={found.desk}
          drill={overview.data.drill}
          kitSince={since}
        />
      )}
    </Page>
  )
}

interface AnswerProps {
  readonly document: TrustDocument
  readonly kit: WayProof | undefined
  readonly desk: WayProof | undefined
  readonly drill: Overview['drill']
  /** Version of Trust. */
  readonly kitSince: number
}

function Answer({ document, kit, desk, drill, kitSince }: AnswerProps) {
  const readers = document.admins.filter(({ roles }) => roles.includes('restore'))
  return (
    <>
      <p className="great-answer">
        {kit === undefined ? (
          <>Whoever holds the printed recovery kit. But nobody has ever shown that it opens anything.</>
        ) : (
          <>
            Whoever holds the printed recovery kit. It was shown to open a device's keys{' '}
            <Ago atMs={kit.atMs} />.
          </>
        )}
      </p>
      <div className="columns">
        <Way
          icon={<Printer size={18} aria-hidden />}
          title="The recovery kit, on paper"
          proof={kit}
          lines={[
            ['Opens', kitSince === 1 ? 'every device, always' : 'who sealed for it: see backstay kit'],
            ['Made', kitSince === 1 ? 'with the fleet' : `with version ${kitSince} of Trust`],
            ['Owner keys', `${document.owners.length}, ${document.threshold} needed to sign`],
            ['Where it is', 'only you know: two places are better than one'],
          ]}
          way="kit"
          command="backstay prove --kit kit.txt"
        />
        <Way
          icon={<Users size={18} aria-hidden />}
          title={counted(readers.length, 'restore admin')}
          proof={desk}
          lines={[
            ['Opens', 'every device, until removed'],
            ['Who', readers.map(({ name }) => name).join(', ') || 'nobody'],
            ['Without the kit', readers.length < 2 ? 'one person: add another' : 'any one of them'],
          ]}
          way="desk"
          command="backstay prove"
        />
        <Panel title="Devices whose newest keys nobody has opened" className="span-4">
          <p className="figure-value">{drill.unproven === 0 ? 'None' : counted(drill.unproven, 'device')}</p>
          <p className="soft">
            {drill.unproven === 0
              ? 'Every device could be recovered as of its last proof.'
              : 'A restore admin who opens a key proves all that wait. After seven days they count as at risk.'}
          </p>
          <p>
            Last proof <Ago atMs={drill.lastProofAtMs} never="never" />
          </p>
        </Panel>
        <AdminsPanel document={document} />
        <Panel title="Trust" className="span-4">
          <Facts
            lines={[
              ['Version', document.version],
              ['Signed', <Ago key="signed" atMs={document.issuedAtMs} />],
              ['To be signed anew', <Ago key="ends" atMs={document.expiresAtMs} />],
              ['Keys of the collector', document.collectors.length === 1 ? 'one' : 'one, and one announced'],
              ['Keys in hosted pages', document.flags.hostedKeys ? 'allowed' : 'not allowed'],
              ['Retention never below', counted(document.flags.retentionMinDays, 'day')],
            ]}
          />
        </Panel>
        <Panel title="Deeds of the owner" className="span-12">
          <div className="stack wide">
            <p className="soft">
              Who may read and command is signed with the owner key of the recovery kit, in the page of{' '}
              <code>backstay console</code> or with <code>backstay admins</code>: on no server. The kit goes
              back into its envelope afterwards. See <Link href="/audit">Audit</Link> for what was done.
            </p>
            <p className="soft">
              Restore admins share the desk key. Make it anew when somebody may have seen it: devices seal
              their keys for the new one when they connect next.
            </p>
            <RotateDesk />
            <p className="soft">
              New keys of the collector are announced first and used when every device knows them:{' '}
              <code>backstay collector-key</code> says who does, and finishes it.
            </p>
            <ReplaceCollectorKeys />
            <KitSteps document={document} kitSince={kitSince} />
          </div>
        </Panel>
      </div>
    </>
  )
}

interface WayProps {
  readonly icon: ReactNode
  readonly title: string
  readonly proof: WayProof | undefined
  readonly lines: readonly (readonly [string, ReactNode])[]
  readonly way: 'desk' | 'kit'
  /** The same in a terminal. */
  readonly command: string
}

function Way({ icon, title, proof, lines, way, command }: WayProps) {
  const nowMs = useNow()
  const isFresh = proof?.opened === true && nowMs - proof.atMs < freshDays * dayMs
  return (
    <Panel
      className="span-4"
      title={
        <span className="row">
          {icon}
          {title}
        </span>
      }
    >
      <div className="stack">
        <p className="row">
          {isFresh ? (
            <CircleCheck size={18} className="tone good" aria-hidden />
          ) : (
            <CircleX size={18} className="tone warn" aria-hidden />
          )}
          {proof === undefined ? (
            'Never proved'
          ) : proof.opened ? (
            <span>
              Proved <Ago atMs={proof.atMs} />, on {counted(proof.devices, 'device')}
            </span>
          ) : (
            <span>
              Failed <Ago atMs={proof.atMs} />
            </span>
          )}
        </p>
        <Facts lines={lines} />
        <Prove way={way} />
        <Copied text={command} />
      </div>
    </Panel>
  )
}
