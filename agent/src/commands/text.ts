/** How results are written for people. */
import type { Bytes } from '@backstay/proto/bytes'
import type { Path } from '@backstay/proto/content/map/key'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `1.4 GiB`: binary units with one decimal. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${units[unit]}`
}

/** `2026-11-21 14:03:07`, local time. */
export function timeText(ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export function agoText(ms: number, now: number): string {
  const minutes = Math.max(0, Math.round((now - ms) / 60_000))
  if (minutes < 1) return 'just now'
  if (minutes < 120) return `${minutes} min ago`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`
}

/** A name as people read it: control characters and bytes that are not UTF-8 are written as \xNN. */
export function nameText(name: Bytes): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(name)
  } catch {
    return Array.from(name, byte =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : escaped(byte),
    ).join('')
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, character => escaped(character.charCodeAt(0)))
}

/** `/home/ada/notes.txt`; the volume is the first component. */
export function pathText(path: Path): string {
  const [volume, ...rest] = path
  return `${volume === undefined ? '' : nameText(volume)}${rest.map(nameText).join('/')}`
}

function escaped(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`
}

/** Rows of a table, columns padded to their widest cell. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [head, ...rows].map(line).join('\n')
}
