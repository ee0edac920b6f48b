/**
 * A PDF opened to be looked at: its pages as pictures, and nothing else of it. No script of it runs, no form answers, no link leads
 * anywhere, and nothing is fetched. The only file that knows pdfjs-dist.
 */
import { Failure } from '@backstay/proto/failure'
import { getDocument, PDFWorker, VerbosityLevel } from 'pdfjs-dist'
import { ownScript } from '../../keys/own-scripts.ts'
import pdfWorker from './pdf-worker.ts?worker&url'
import { pictureSize } from './picture-size.ts'

export interface PdfDocument {
  readonly pages: number
  /** Draws a page (from 1 on) as wide as the canvas shall be shown, in CSS pixels. Throws `pdf_damaged`, `pdf_slow`. */
  draw(page: number, canvas: HTMLCanvasElement, width: number): Promise<void>
  /** Ends its thread with all that it holds. */
  close(): void
}

/** What takes longer is a bad document, or one that is better opened elsewhere. */
const patienceMs = 20_000
/** Of one picture in it: 64 megapixels are a scan of a large drawing. */
const imagePixelsMax = 64 * 1024 * 1024

/** Takes the bytes. Throws `pdf_locked`, `pdf_damaged`, `pdf_slow`. */
export async function openPdf(bytes: Uint8Array): Promise<PdfDocument> {
  const thread = new Worker(ownScript(pdfWorker), { type: 'module' })
  const worker = PDFWorker.create({ port: thread, verbosity: VerbosityLevel.ERRORS })
  const loading = getDocument({
    ...{ data: bytes, worker, verbosity: VerbosityLevel.ERRORS, maxImageSize: imagePixelsMax },
    // The policy of the page allows none; pictures of rare kinds are read by plain script (scripts/console/pdf-images.ts).
    ...{ useWasm: false, useWorkerFetch: false, enableXfa: false },
  })
  let isOpen = true
  const close = () => {
    if (!isOpen) return
    isOpen = false
    loading.destroy().catch(() => undefined)
    worker.destroy()
    thread.terminate()
  }
  try {
    const document = await inTime(loading.promise)
    return {
      pages: document.numPages,
      async draw(number, canvas, width) {
        try {
          const page = await inTime(document.getPage(number))
          const size = pictureSize(page.getViewport({ scale: 1 }), width, globalThis.devicePixelRatio)
          canvas.width = size.width
          canvas.height = size.height
          const drawing = page.render({ canvas, viewport: page.getViewport({ scale: size.scale }) })
          await inTime(drawing.promise).finally(() => drawing.cancel())
          page.cleanup()
        } catch (error) {
          throw pdfFailure(error)
        }
      },
      close,
    }
  } catch (error) {
    close()
    throw pdfFailure(error)
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Failure('pdf_slow', 'this PDF takes too long to draw', { hint: restoreIt })),
    patienceMs,
  )
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}

const restoreIt = 'tick it to restore it, and open it with another program'

function pdfFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  const isLocked = error instanceof Error && error.name === 'PasswordException'
  return isLocked
    ? new Failure('pdf_locked', 'this PDF is locked with a password of its own', {
        hint: restoreIt,
        cause: error,
      })
    : new Failure('pdf_damaged', 'this is no whole PDF, or one that cannot be drawn here', {
        hint: restoreIt,
        cause: error,
      })
}
