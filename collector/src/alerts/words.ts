/** Times as mails say them; a mail is read later, so a time is one and not "an hour ago". */
export function agoText(atMs: number, nowMs: number): string {
  const days = Math.floor((nowMs - atMs) / 86_400_000)
  const time = new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')
  return days < 2 ? `${time} UTC` : `${time} UTC, ${days} days ago`
}
