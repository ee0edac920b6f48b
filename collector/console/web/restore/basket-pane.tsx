/** What is taken along, how much it is, where it goes, how far it is, and what became of it. */

import type { WishedPlace } from '@backstay/proto/trust/restore-wish'
import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ZipReport } from '../../archive/zip.ts'
import { problemOf } from '../api/problem.ts'
import { useOpened, useVault } from '../keys/use-vault.ts'
import { Button } from '../parts/controls.tsx'
import { Empty, Note, Trouble } from '../parts/saying.tsx'
import { bytesText, counted } from '../words/bytes.ts'
import { DeviceJobs } from './device-jobs.tsx'
import { beginDownload } from './download.ts'
import { CameBack, LeftOut } from './entry-lists.tsx'
import { ParcelHint } from './parcel-hint.tsx'
import { ProgressLine } from './progress-line.tsx'
import { type Pushed, rememberedPushed, rememberPushed } from './pushed.ts'
import { type Amount, estimateMs, estimateText, knownSpeed, rememberSpeed } from './speed.ts'
import { placeOf, type Target, Targets } from './targets.tsx'
import { type Basket, type Item, wishesOf } from './use-basket.ts'

type Work =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly entries: number; readonly bytes: number; readonly begunMs: number }
  | { readonly state: 'done'; readonly report: ZipReport; readonly tookMs: number }
  | ({ readonly state: 'signed' } & Pushed)
  | { readonly state: 'failed'; readonly error: unknown }

export function BasketPane({ device, basket }: { readonly device: string; readonly basket: Basket }) {
  const vault = useVault()
  const [target, setTarget] = useState<Target>('zip')
  const [replacement, setReplacement] = useState<string>()
  const [work, setWork] = useState<Work>(() => begunWork(device))
  const [isWaiting, setWaiting] = useState(false)
  useEffect(() => vault.onWaiting(setWaiting), [vault])
  const { items } = basket
  const key = items.map(one => `${one.sequence}:${one.word}`).join(' ')
  const amount = useOpened(
    ['amount', device, key],
    one => one.amount(device, wishesOf(items)),
    items.length > 0,
  )
  const isRunning = work.state === 'running'

  const zip = async () => {
    const begunMs = performance.now()
    setWork({ state: 'running', entries: 0, bytes: 0, begunMs })
    let download: Awaited<ReturnType<typeof beginDownload>> | undefined
    try {
      download = await beginDownload(zipName(items))
      const report = await vault.zip(device, wishesOf(items), download.port, told =>
        setWork({ state: 'running', ...told, begunMs }),
      )
      const tookMs = performance.now() - begunMs
      rememberSpeed('zip', { entries: report.files, bytes: report.bytes }, tookMs)
      setWork({ state: 'done', report, tookMs })
    } catch (error) {
      setWork({ state: 'failed', error })
    } finally {
      download?.end()
      setWaiting(false)
    }
  }
  /** Whose job it is; undefined: it is not chosen yet. */
  const onto = target === 'other' ? replacement : device
  const send = async (place: WishedPlace, onto: string) => {
    try {
      const jobs = await vault.restoreThere(device, wishesOf(items), place, onto)
      const pushed = { jobs, place, onto, amount: amount.data }
      rememberPushed(device, pushed)
      setWork({ state: 'signed', ...pushed })
    } catch (error) {
      setWork({ state: 'failed', error })
    }
  }

  return (
    <section className="panel restore-basket" aria-label="Basket">
      <header className="panel-head">
        <h2>To restore</h2>
        {items.length > 0 && (
          <div className="row push">
            <Button small look="quiet" onPress={basket.clear} isDisabled={isRunning}>
              Clear
            </Button>
          </div>
        )}
      </header>
      {items.length === 0 && work.state === 'idle' ? (
        <Empty title="Nothing chosen yet">
          Tick files and folders; they may come from different moments.
        </Empty>
      ) : (
        <ul className="restore-items">
          {items.map(item => (
            <BasketLine key={`${item.sequence} ${item.word}`} item={item} onTake={() => basket.take(item)} />
          ))}
        </ul>
      )}
      {items.length > 0 && (
        <div className="restore-what stack">
          {amount.error !== null ? (
            <Trouble error={amount.error} onAgain={() => void amount.refetch()} />
          ) : (
            <p className="restore-amount" role="status">
              {amount.data === undefined
                ? 'Counting…'
                : `${counted(amount.data.entries, 'entry', 'entries')}, ${bytesText(amount.data.bytes)}`}
              {amount.data !== undefined && !isRunning && (
                <Estimate amount={amount.data} of={target === 'zip' ? 'zip' : (onto ?? '')} />
              )}
            </p>
          )}
          <Targets
            {...{ target, device }}
            onto={replacement}
            onChange={setTarget}
            onOnto={setReplacement}
            isDisabled={isRunning}
          />
          {target === 'other' && <ParcelHint device={device} onto={replacement} items={basket.items} />}
          <Button
            look="main"
            isDisabled={isRunning || amount.data === undefined || onto === undefined}
            onPress={() => {
              if (target === 'zip') void zip()
              else if (onto !== undefined) void send(placeOf(target), onto)
            }}
          >
            {target === 'zip' ? 'Download as zip' : 'Sign and restore on the device'}
          </Button>
        </div>
      )}
      <WorkState work={work} total={amount.data?.bytes} isWaiting={isWaiting} />
      {work.state === 'signed' && (
        <DeviceJobs
          {...work}
          device={work.onto}
          onClose={() => {
            rememberPushed(device, undefined)
            setWork({ state: 'idle' })
          }}
        />
      )}
    </section>
  )
}

/** What a device does goes on without the page; what the page did itself ended with it. */
function begunWork(device: string): Work {
  const pushed = rememberedPushed(device)
  return pushed === undefined ? { state: 'idle' } : { state: 'signed', ...pushed }
}

/** `of`: see knownSpeed. */
function Estimate({ amount, of }: { readonly amount: Amount; readonly of: string }) {
  const speed = knownSpeed(of)
  const isMeasured = Object.keys(speed).length > 0
  const where = of === 'zip' ? 'in this browser' : 'of this device'
  return (
    <span className="restore-estimate faint">
      {estimateText(estimateMs(amount, speed))}, an estimate by{' '}
      {isMeasured ? `the last restores ${where}` : 'what is usual: none was measured yet'}
    </span>
  )
}

function BasketLine({ item, onTake }: { readonly item: Item; readonly onTake: () => void }) {
  return (
    <li className="restore-item">
      <span className="one-line" title={item.shown}>
        {item.shown}
        {item.isFolder ? '/' : ''}
      </span>
      <span className="faint">#{item.sequence}</span>
      <Button small look="quiet" aria-label={`Leave out ${item.shown}`} onPress={onTake}>
        <X size={13} aria-hidden />
      </Button>
    </li>
  )
}

function WorkState(props: {
  readonly work: Work
  readonly total: number | undefined
  readonly isWaiting: boolean
}) {
  const { work, total, isWaiting } = props
  if (work.state === 'running') return <Running work={work} total={total} isWaiting={isWaiting} />
  if (work.state === 'failed') {
    const isEnded = problemOf(work.error).code === 'cancelled'
    return isEnded ? (
      <Note>The download was ended. Begin it again whenever you like.</Note>
    ) : (
      <Trouble
        error={work.error}
        safe="What is stored is as it was, and what you chose is still in the basket."
      />
    )
  }
  if (work.state === 'done') return <Done {...work} />
  return null
}

function Running({
  work: { entries, bytes, begunMs },
  total,
  isWaiting,
}: {
  readonly work: Extract<Work, { state: 'running' }>
  readonly total: number | undefined
  readonly isWaiting: boolean
}) {
  const instead = isWaiting ? 'The collector does not answer; waiting, and going on where it was.' : undefined
  return (
    <div className="stack restore-progress" role="status">
      <ProgressLine {...{ entries, bytes, total, instead }} from={{ bytes: 0, atMs: begunMs }} />
    </div>
  )
}

function Done({ report, tookMs }: { readonly report: ZipReport; readonly tookMs: number }) {
  const { files, bytes, restored, leftOut, leftOutCount } = report
  return (
    <div className="stack restore-progress">
      <Note tone={leftOutCount > 0 ? 'warn' : 'good'}>
        <p>
          {counted(files, 'file')} restored, {bytesText(bytes)} in {Math.max(1, Math.round(tookMs / 1000))} s.
          Each was compared with its hash.
        </p>
        {leftOutCount > 0 && (
          <p>{counted(leftOutCount, 'entry', 'entries')} could not be put into the zip:</p>
        )}
      </Note>
      <LeftOut lines={leftOut} />
      <CameBack title="Each file that was restored" names={restored} count={files} rest="all in the zip" />
    </div>
  )
}

/** `Documents.zip`, or by the day when there are several things. */
function zipName(items: readonly Item[]): string {
  const [only, second] = items
  const name = only === undefined || second !== undefined || only.shown === '/' ? undefined : only.shown
  const safe = name?.replace(/[\\/:*?"<>|]/g, '_')
  return `${safe ?? `restored ${new Date().toISOString().slice(0, 10)}`}.zip`
}
