/** A report on A4 pages, to print. The only file that knows pdfkit. */
import type { Report } from '@backstay/proto/rest/reports'
import type PdfDocument from 'pdfkit'
import { timeText } from './report.ts'

const margin = 40
const lineHeight = 15
const textSize = 8
const pad = 4
/** Beyond it a table is for a spreadsheet; the last line says what was left out. */
const rowsMax = 5_000
/** A column of one long name must not push the others off the page. */
const widthShareMax = 0.4

export async function reportPdf(report: Report, fleetName: string): Promise<Uint8Array> {
  const { default: PdfDocument } = await import('pdfkit')
  const document = new PdfDocument({
    ...{ size: 'A4', layout: 'landscape', margin, bufferPages: true },
    info: { Title: printable(report.title), Author: 'Backstay', CreationDate: new Date(report.asOfMs) },
  })
  const chunks: Uint8Array[] = []
  document.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  const ended = new Promise<void>((resolve, reject) => {
    document.on('end', resolve)
    document.on('error', reject)
  })
  draw(document, report, fleetName)
  document.end()
  await ended
  return Buffer.concat(chunks)
}

type Page = InstanceType<typeof PdfDocument>

function draw(page: Page, report: Report, fleetName: string): void {
  page.font('Helvetica-Bold').fontSize(16).text(printable(report.title), margin, margin)
  page.font('Helvetica').fontSize(9).fillColor('#555555')
  page.text(`${printable(fleetName)}, as of ${timeText(report.asOfMs)} UTC`)
  page.moveDown(0.5).fillColor('black').text(printable(report.summary)).moveDown()
  const shown = report.rows.slice(0, rowsMax)
  const widths = columnWidths(page, report, shown)
  let y = headings(page, report, widths, page.y)
  for (const row of shown) {
    if (y + lineHeight > page.page.height - margin - lineHeight) {
      page.addPage()
      y = headings(page, report, widths, margin)
    }
    y = line(page, report, widths, y, row)
  }
  if (report.rows.length > rowsMax) {
    page.text(`and ${report.rows.length - rowsMax} more: see the CSV`, margin, y + pad, { lineBreak: false })
  }
  numberPages(page)
}

function headings(page: Page, report: Report, widths: readonly number[], y: number): number {
  page.font('Helvetica-Bold')
  const next = line(
    page,
    report,
    widths,
    y,
    report.columns.map(({ name }) => name),
  )
  page
    .moveTo(margin, next - 3)
    .lineTo(page.page.width - margin, next - 3)
    .lineWidth(0.5)
    .stroke('#888888')
  page.font('Helvetica')
  return next
}

function line(
  page: Page,
  { columns }: Report,
  widths: readonly number[],
  y: number,
  cells: readonly string[],
): number {
  let x = margin
  page.fontSize(textSize).fillColor('black')
  for (const [index, cell] of cells.entries()) {
    const width = widths[index] ?? 0
    const align = columns[index]?.align ?? 'left'
    page.text(printable(cell), x + pad, y, {
      width: width - 2 * pad,
      height: textSize + 2,
      align,
      lineBreak: false,
      ellipsis: true,
    })
    x += width
  }
  return y + lineHeight
}

/** As wide as what stands in them, then shared out to the width of the page. */
function columnWidths(
  page: Page,
  { columns }: Report,
  rows: readonly (readonly string[])[],
): readonly number[] {
  const whole = page.page.width - 2 * margin
  page.font('Helvetica-Bold').fontSize(textSize)
  const wanted = columns.map(({ name }, index) => {
    const longest = rows
      .slice(0, 500)
      .reduce((most, row) => ((row[index] ?? '').length > most.length ? (row[index] ?? '') : most), name)
    return Math.min(widthShareMax * whole, page.widthOfString(printable(longest)) + 2 * pad + 6)
  })
  const sum = wanted.reduce((total, one) => total + one, 0)
  return wanted.map(one => (one / sum) * whole)
}

function numberPages(page: Page): void {
  const { start, count } = page.bufferedPageRange()
  for (let index = start; index < start + count; index++) {
    page.switchToPage(index)
    // Text below the margin would begin another page.
    page.page.margins.bottom = 0
    page.fontSize(7).fillColor('#777777')
    page.text(`${index - start + 1} / ${count}`, margin, page.page.height - 25, {
      width: page.page.width - 2 * margin,
      align: 'right',
      lineBreak: false,
    })
  }
}

/**
 * The fonts that every reader of PDF has know Western European letters alone: others become question marks here and stand in
 * full in the CSV.
 */
export function printable(text: string): string {
  return text.normalize('NFC').replaceAll(/[^\x20-\x7e\xa1-\xff€–—‘’“”•…]/gu, '?')
}
