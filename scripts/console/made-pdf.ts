/** PDFs for stories: readable, locked, damaged, and as a fax or a scanner makes them. */
import { createRequire } from 'node:module'

// The collector prints its reports with it.
const PDFDocument = createRequire(import.meta.resolve('@backstay/collector/reports/report'))('pdfkit')

export interface MadePdfOptions {
  readonly pages: number
  readonly password?: string
  /** Carried along unseen, to make it large. */
  readonly attached?: Uint8Array
}

export async function makePdf({ pages, password, attached }: MadePdfOptions): Promise<Buffer> {
  const document = new PDFDocument({ size: 'A4', ...(password !== undefined && { userPassword: password }) })
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const parts: Buffer[] = []
  document.on('data', (part: Buffer) => parts.push(part))
  document.on('end', () => resolve(Buffer.concat(parts)))
  for (let page = 1; page <= pages; page++) {
    if (page > 1) document.addPage()
    document.fontSize(28).text(`Page ${page}`)
    document.rect(72, 300, 200, 120).fill('#1d5fc4')
  }
  if (attached !== undefined) document.file(Buffer.from(attached), { name: 'attached.bin' })
  document.end()
  return promise
}

/** One page with one picture in the code of fax machines (ITU-T T.6): white, with a black column from a quarter to the half. */
export function faxPdf(): Buffer {
  // Horizontal mode, 4 white, 4 black, rest as above; then seven lines as the first; end of block.
  const bits = `001${'1011'}${'011'}1${'111'.repeat(7)}${'000000000001'.repeat(2)}`
  const fax = Buffer.from((bits.match(/.{1,8}/g) ?? []).map(byte => Number.parseInt(byte.padEnd(8, '0'), 2)))
  const object = (number: number, head: string, stream?: Buffer) => [
    Buffer.from(`${number} 0 obj <<${head}${stream === undefined ? '' : `/Length ${stream.length}`}>>\n`),
    ...(stream === undefined ? [] : [Buffer.from('stream\n'), stream, Buffer.from('\nendstream\n')]),
    Buffer.from('endobj\n'),
  ]
  const decode = '/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 16/Rows 8>>'
  return Buffer.concat([
    Buffer.from('%PDF-1.4\n'),
    ...object(1, '/Type/Catalog/Pages 2 0 R'),
    ...object(2, '/Type/Pages/Kids[3 0 R]/Count 1'),
    ...object(
      3,
      '/Type/Page/Parent 2 0 R/MediaBox[0 0 160 160]/Contents 4 0 R/Resources<</XObject<</Fax 5 0 R>>>>',
    ),
    ...object(4, '', Buffer.from('q 160 0 0 160 0 0 cm /Fax Do Q')),
    ...object(
      5,
      `/Type/XObject/Subtype/Image/Width 16/Height 8/BitsPerComponent 1/ColorSpace/DeviceGray${decode}`,
      fax,
    ),
    Buffer.from('trailer <</Root 1 0 R>>\n%%EOF\n'),
  ])
}
