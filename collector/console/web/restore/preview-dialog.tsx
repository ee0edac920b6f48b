/** A look at a file without restoring it: text, pictures, PDF. It is opened in this page and goes nowhere. */
import { lazy, Suspense, useMemo } from 'react'
import { pathWord } from '../keys/paths.ts'
import type { EntryRow } from '../keys/rows.ts'
import { useOpened } from '../keys/use-vault.ts'
import { Asking } from '../parts/dialog.tsx'
import { Coming, Note, Trouble } from '../parts/saying.tsx'
import { bytesText } from '../words/bytes.ts'

export interface PreviewDialogProps {
  readonly device: string
  readonly sequence: number
  readonly row: EntryRow
  readonly onClose: () => void
}

const textBytesMax = 512 * 1024
const pictureBytesMax = 4 * 1024 * 1024
/** As much as the thread with the keys hands over at once (keys/vault.ts). */
const pdfBytesMax = 32 * 1024 * 1024

const PdfPages = lazy(async () => ({ default: (await import('./pdf/pdf-pages.tsx')).PdfPages }))

export function PreviewDialog({ device, sequence, row, onClose }: PreviewDialogProps) {
  // Its name decides how much is fetched, and what it begins with how it is shown.
  const bytesMax = /\.pdf$/i.test(row.name) ? pdfBytesMax : pictureBytesMax
  const isShown = row.kind === 'file' && row.hasContent && row.size <= bytesMax
  const file = useOpened(
    ['file', device, sequence, pathWord(row.path)],
    vault => vault.file(device, sequence, row.path),
    isShown,
  )
  return (
    <Asking title={row.name} isOpen onClose={onClose} wide>
      {!isShown ? (
        <Note>
          {row.unread !== undefined
            ? `This file could not be read when it was backed up (${row.unread}).`
            : `This cannot be shown here (${bytesText(row.size)}); tick it to restore it.`}
        </Note>
      ) : file.error !== null ? (
        <Trouble error={file.error} onAgain={() => void file.refetch()} />
      ) : file.data === undefined || file.isPlaceholderData ? (
        <Coming lines={8} />
      ) : (
        <Content bytes={file.data} name={row.name} />
      )}
    </Asking>
  )
}

function Content({ bytes, name }: { readonly bytes: Uint8Array; readonly name: string }) {
  const picture = useMemo(() => pictureOf(bytes), [bytes])
  const isPdf = useMemo(() => beginsAsPdf(bytes), [bytes])
  const text = useMemo(
    () => (picture === undefined && !isPdf ? textOf(bytes) : undefined),
    [bytes, picture, isPdf],
  )
  if (picture !== undefined) return <img className="restore-picture" src={picture} alt={name} />
  if (isPdf) {
    return (
      <Suspense fallback={<Coming lines={8} />}>
        <PdfPages bytes={bytes} name={name} />
      </Suspense>
    )
  }
  if (text === undefined)
    return <Note>This is neither text, nor a picture, nor a PDF; tick it to restore it.</Note>
  return (
    <>
      <pre className="restore-text">{text}</pre>
      {bytes.length > textBytesMax && <p className="faint">The first {bytesText(textBytesMax)} are shown.</p>}
    </>
  )
}

const magics: readonly (readonly [string, string])[] = [
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['47494638', 'image/gif'],
  ['52494646', 'image/webp'],
]

/** By what it begins with, never by its name. No SVG: it is markup. */
function pictureOf(bytes: Uint8Array): string | undefined {
  const start = bytes.subarray(0, 12).toHex()
  const found = magics.find(([magic]) => start.startsWith(magic))
  if (found === undefined) return undefined
  if (found[1] === 'image/webp' && !start.endsWith('57454250')) return undefined
  return `data:${found[1]};base64,${bytes.toBase64()}`
}

/** Within the first kilobyte, as readers of PDF take it. */
function beginsAsPdf(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 1024)).includes('%PDF-')
}

function textOf(bytes: Uint8Array): string | undefined {
  const some = bytes.subarray(0, textBytesMax)
  if (some.includes(0)) return undefined
  try {
    // A letter may be cut in two at the end.
    return new TextDecoder('utf-8', { fatal: true }).decode(some, { stream: true })
  } catch {
    return undefined
  }
}
