/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe: names come from devices. */
export type Cell = string | number | boolean | undefined

export function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map(csvLine).join('')
}

export function csvLine(row: readonly Cell[]): string {
  return `${row.map(cellText).join(',')}\r\n`
}

function cellText(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
