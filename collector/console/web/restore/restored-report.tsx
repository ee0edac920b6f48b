/** A restore that a device did itself: what came back, and all that did not, with the reason. */
import type { WishedPlace } from '@backstay/proto/trust/restore-wish'
import { useQueries } from '@tanstack/react-query'
import { isIncomplete, type Restored } from '../../restored.ts'
import { useVault } from '../keys/use-vault.ts'
import { Coming, Note, Trouble } from '../parts/saying.tsx'
import { bytesText, counted } from '../words/bytes.ts'
import { CameBack, LeftOut } from './entry-lists.tsx'
import { restoredLines } from './restored-lines.ts'

export interface RestoredReportProps {
  readonly device: string
  /** All of them are done. */
  readonly jobs: readonly string[]
  readonly place: WishedPlace
}

export function RestoredReport({ device, jobs, place }: RestoredReportProps) {
  const vault = useVault()
  const reports = useQueries({
    queries: jobs.map(job => ({
      queryKey: ['vault', 'restored', device, job],
      queryFn: async () => (await vault.restored(device, job)) ?? null,
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    })),
  })
  const error = reports.find(one => one.error !== null)?.error
  if (error !== undefined && error !== null) {
    return <Trouble error={error} safe="The device says that it is done; look there what came back." />
  }
  if (reports.some(one => one.data === undefined)) return <Coming lines={2} />
  return <Said found={reports.flatMap(one => one.data ?? [])} place={place} />
}

function Said({
  found,
  place,
}: {
  readonly found: readonly Restored[]
  readonly place: RestoredReportProps['place']
}) {
  const isWhole = !found.some(isIncomplete)
  const lines = found.flatMap(restoredLines)
  const sum = (of: (one: Restored) => number) => found.reduce((all, one) => all + of(one), 0)
  const where =
    place.kind === 'original' ? 'in its place' : 'in a folder “Restored” of the person who works on it'
  return (
    <>
      <Note tone={isWhole ? 'good' : 'bad'}>
        <p>
          {isWhole
            ? `The device has it back, ${where}.`
            : `The device has back what could be restored, ${where}. Not all of it could.`}
        </p>
        <p>
          {counted(
            sum(one => one.written),
            'entry',
            'entries',
          )}{' '}
          written, {bytesText(sum(one => one.bytes))}
          {sum(one => one.there ?? 0) > 0 &&
            `; ${counted(
              sum(one => one.there ?? 0),
              'was',
              'were',
            )} there already`}
          . {[...new Set(found.map(one => one.folder))].join(', ')}
        </p>
      </Note>
      <LeftOut lines={lines} />
      <CameBack
        title="What came back, by name"
        names={found.flatMap(one => one.back)}
        count={sum(one => one.written + (one.there ?? 0))}
        rest="in the folder on the device"
      />
    </>
  )
}
