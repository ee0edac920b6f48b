/** Times and sizes as mails say them; a mail is read later, so a time is one and not "an hour ago". */
export function agoText(atMs: number, nowMs: number): string {
  const days = Math.floor((nowMs - atMs) / 86_400_000)
  const time = new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')
  return days < 2 ? `${time} UTC` : `${time} UTC, ${days} days ago`
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

export function sizeText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
