/** What a device reports of a restore job, in words. */
import { bytesText, shownText } from '@backstay/agent/commands/text'
import type { Aside, Flaw, Restored } from './restored.ts'

export function restoredText(found: Restored): string {
  const { sequence, folder, written, leftOut, bytes, notes, damaged, lostParts, named } = found
  const { there, aside = [], flaws, back } = found
  const counted = Object.entries(notes).map(([what, count]) => `${shownText(what)} ${count}`)
  return [
    `restored ${written} entries, ${bytesText(bytes)} of snapshot #${sequence}`,
    `  on the device in "${shownText(folder)}"`,
    `  left out: ${leftOut}; files damaged in the store: ${damaged}; lost parts of folders: ${lostParts}`,
    ...(counted.length > 0 ? [`  notes: ${counted.join(', ')}`] : []),
    ...(there === undefined ? [] : [`  there already, the same: ${there}`]),
    ...aside.map(asideText),
    ...named.map(({ path, code }) => `  damaged: ${shownText(path)} (${shownText(code)})`),
    ...flaws.map(flawText),
    ...back.slice(0, backMax).map(path => `  back: ${shownText(path)}`),
    ...(back.length > backMax ? ['  and more; --json names a hundred'] : []),
  ].join('\n')
}

/** Enough to see that it is the right folder. */
const backMax = 10

function flawText({ path, code, why }: Flaw): string {
  return `  not as it was: ${shownText(path)} (${shownText(why === undefined ? code : `${code}, ${why}`)})`
}

function asideText({ path, as, why }: Aside): string {
  if (as !== undefined) return `  beside what is there: ${shownText(path)} as "${shownText(as)}"`
  if (why !== undefined) return `  refused by its system: ${shownText(path)} (${shownText(why)})`
  return `  left as it is: ${shownText(path)}`
}

const elsewhere = 'restore it elsewhere: backstay restore DEVICE PATH --to FOLDER'

export const restoreHints: Readonly<Partial<Record<string, string>>> = {
  not_in_snapshot: 'see what there is: backstay ls DEVICE PATH, or choose another snapshot with --at',
  no_snapshot: 'list them: backstay snapshots DEVICE',
  no_room: `5 GiB stay free on its disk; free some space there, or ${elsewhere}`,
  bad_home: `its home is a symlink, not its user's own, or holds a "Restored" that is no folder of theirs; ${elsewhere}`,
  bad_target: `its home cannot be written to; ${elsewhere}`,
  not_in_place:
    "only what its policy backs up goes back in its place, nothing of root's, and on Windows only homes; leave --in-place out",
  bad_place: 'a symlink, or a folder of somebody else, is on the way; leave --in-place out for a new folder',
  expired: 'it was cut off, and the job ended before it could go on; sign it again, it makes another folder',
  interrupted: 'the folder is no longer the one that this job made; sign it again, it makes another',
}
