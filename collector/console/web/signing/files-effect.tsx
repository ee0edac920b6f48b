/** What an order would do to files, told by the thread with the keys: it opens the newest snapshots of the devices. */
import type { FilesEffect } from '../../policy/files-effect.ts'
import { Coming, Note, Trouble } from '../parts/saying.tsx'
import { bytesText, counted } from '../words/bytes.ts'

export interface FilesEffectProps {
  readonly effect: FilesEffect | undefined
  readonly error: unknown
}

export function FilesEffectLines({ effect, error }: FilesEffectProps) {
  if (error !== null && error !== undefined)
    return <Trouble error={error} safe="Nothing was signed. What it does to files is not known." />
  if (effect === undefined) {
    return (
      <div className="sign-effect" role="status">
        <p>Opening the newest snapshots, to count files…</p>
        <Coming lines={1} />
      </div>
    )
  }
  const { opened, leaving, folders, coming, unknown } = effect
  return (
    <div className="sign-effect" role="status">
      {opened > 0 && leaving.files === 0 && (
        <p>No file of the newest snapshots leaves the backup, of {counted(opened, 'device')} opened.</p>
      )}
      {leaving.files > 0 && (
        <>
          <Note tone="warn">
            {counted(leaving.files, 'file')}, {bytesText(leaving.bytes)}, would no longer be protected on{' '}
            {leaving.devices} of {counted(opened, 'device')} opened. Snapshots that are there keep them. The
            largest folders are:
          </Note>
          <ul>
            {folders.map(one => (
              <li key={`${one.device} ${one.folder}`}>
                {one.device}: <span className="break">{one.folder}</span>, {counted(one.files, 'file')},{' '}
                {bytesText(one.bytes)}
              </li>
            ))}
          </ul>
        </>
      )}
      {coming.files > 0 && (
        <p>
          {counted(coming.files, 'file')}, {bytesText(coming.bytes)}, that snapshots still know would be
          protected again on {counted(coming.devices, 'device')}.
        </p>
      )}
      {unknown.map(one => (
        <p key={one} className="soft">
          Not known: {one}.
        </p>
      ))}
    </div>
  )
}
