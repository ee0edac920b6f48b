/** The pages of a PDF, one below the other, drawn when they are asked for. */
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../parts/controls.tsx'
import { Coming, Trouble } from '../../parts/saying.tsx'
import { counted, numberText } from '../../words/bytes.ts'
import { openPdf, type PdfDocument } from './pdf-document.ts'

type Opening =
  | { readonly state: 'coming' }
  | { readonly state: 'open'; readonly document: PdfDocument }
  | { readonly state: 'failed'; readonly error: unknown }

/** So many come at a time, and so many at most: this is a look, not a reader. */
const pagesStep = 5
const pagesMax = 60

export function PdfPages({ bytes, name }: { readonly bytes: Uint8Array; readonly name: string }) {
  const [opening, setOpening] = useState<Opening>({ state: 'coming' })
  const [wanted, want] = useState(pagesStep)
  useEffect(() => {
    let isLeft = false
    let opened: PdfDocument | undefined
    setOpening({ state: 'coming' })
    // It takes what it is given, and whoever looks again needs it again.
    openPdf(bytes.slice()).then(
      document => {
        opened = document
        if (isLeft) document.close()
        else setOpening({ state: 'open', document })
      },
      error => !isLeft && setOpening({ state: 'failed', error }),
    )
    return () => {
      isLeft = true
      opened?.close()
    }
  }, [bytes])
  if (opening.state === 'coming') return <Coming lines={8} />
  if (opening.state === 'failed') return <Trouble error={opening.error} />
  const { document } = opening
  const shown = Math.min(wanted, document.pages, pagesMax)
  return (
    <div className="stack wide">
      <p className="faint" role="status">
        {shown === document.pages
          ? counted(document.pages, 'page')
          : `The first ${shown} of ${numberText(document.pages)} pages`}
      </p>
      {Array.from({ length: shown }, (_, index) => (
        <PdfPage key={index + 1} document={document} number={index + 1} name={name} />
      ))}
      {shown < Math.min(document.pages, pagesMax) && (
        <div>
          <Button onPress={() => want(shown + pagesStep)}>Show more pages</Button>
        </div>
      )}
      {shown === pagesMax && document.pages > pagesMax && (
        <p className="faint">More than {pagesMax} are not shown here: tick the file to restore it.</p>
      )}
    </div>
  )
}

interface PdfPageProps {
  readonly document: PdfDocument
  readonly number: number
  readonly name: string
}

function PdfPage({ document, number, name }: PdfPageProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    const own = canvas.current
    if (own === null) return
    let isLeft = false
    document.draw(number, own, own.clientWidth).then(
      () => own.setAttribute('data-drawn', ''),
      failure => !isLeft && setError(failure),
    )
    return () => {
      isLeft = true
    }
  }, [document, number])
  if (error !== undefined) return <Trouble error={error} />
  return (
    <canvas ref={canvas} className="restore-pdf-page" role="img" aria-label={`Page ${number} of ${name}`} />
  )
}
