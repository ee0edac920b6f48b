/** How a restore went, in words. */
import type { Snapshot } from '@backstay/proto/content/archive/snapshots'
import type { RestoreResult } from '../restore/restore.ts'
import { bytesText, nameText, pathText, shownText } from './text.ts'

/** What a default restore leaves out on purpose is no failure; what is lost or was never read is. */
export function isIncomplete({ damagedCount, lost, report }: RestoreResult): boolean {
  const { unread = 0, refused = 0, content = 0, bad_name = 0, folder_left_out = 0 } = report.counts
  return damagedCount + lost.length + unread + refused + content + bad_name + folder_left_out > 0
}

const issueTexts = {
  bad_name: 'not restored: the name cannot be used here',
  taken: 'not restored: the name is taken',
  renamed: 'restored under another name, since its own was taken',
  folder_left_out: 'not restored: its folder could not be made',
  unread: 'the backup could not read it; an earlier version was restored where there is one',
  content: 'not restored: its content is incomplete',
  needs_root: 'left out: only --as-root restores it',
  refused: 'the system refused it',
  copied_link: 'restored as a copy instead of a hard link',
  owner: 'its owner was left out',
  set_id: 'its set-id bits were left out',
  mode: 'its mode could not be set',
  attribute: 'an attribute was left out',
  time: 'its time could not be set exactly',
} as const

const issuesShown = 20

/** What happened, for a person: how much came back, and what did not. */
export function restoreText(snapshot: Snapshot, to: string, result: RestoreResult): string {
  const { report } = result
  const size = bytesText(report.bytes)
  const first = `restored ${report.written} entries, ${size} of snapshot #${snapshot.commit.sequence} to "${to}"`
  return [first, ...restoreNotes(result, '; see --json')].join('\n')
}

/** What did not come back exactly, a line each; of many the first, and how many more, with where they are told. */
export function restoreNotes(
  { report, damaged, damagedCount, lost }: RestoreResult,
  elsewhere = '',
): readonly string[] {
  const lines: string[] = []
  for (const { from, entries, code } of lost) {
    const where =
      from.length === 0 ? 'the whole snapshot' : `${entries ?? 'some'} entries from ${pathText(from)} on`
    lines.push(`lost: ${where}: a page of the map is missing or damaged in the store (${code})`)
  }
  for (const { path, code } of damaged.slice(0, issuesShown)) {
    lines.push(
      `lost: ${path.map(nameText).join('/')}: its content is missing or damaged in the store (${code})`,
    )
  }
  if (damagedCount > issuesShown) lines.push(`… and ${damagedCount - issuesShown} more lost${elsewhere}`)
  for (const { what, path, detail } of report.issues.slice(0, issuesShown)) {
    const why = detail === '' ? '' : ` (${shownText(detail)})`
    lines.push(`note: ${path.map(nameText).join('/') || '.'}: ${issueTexts[what]}${why}`)
  }
  if (report.issues.length > issuesShown)
    lines.push(`… and ${report.issues.length - issuesShown} more notes${elsewhere}`)
  return lines
}
