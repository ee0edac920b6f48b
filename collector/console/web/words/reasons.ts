/** Why a device is in its state, and what a person does about it. Words that a device chose are shown as they are, never as markup. */
import type { DeviceReason } from '@backstay/proto/rest/devices'
import { bytesText, counted } from './bytes.ts'
import { agoText, sinceText } from './times.ts'

export type ReasonFacts = Pick<DeviceReason, 'code' | 'what' | 'count' | 'sinceMs' | 'untilMs'>

/** One line, lower case, without a full stop. */
export function reasonText({ code, sinceMs, count = 1, what, untilMs }: ReasonFacts, nowMs: number): string {
  const since = sinceText(sinceMs, nowMs)
  const word = what.replaceAll('_', ' ')
  const folders = `${counted(count, 'folder')} ${count === 1 ? 'is' : 'are'}`
  switch (code) {
    case 'revoked':
      return `retired ${agoText(sinceMs, nowMs)}`
    case 'never_backed_up':
      return `no complete snapshot since it was enrolled ${agoText(sinceMs, nowMs)}`
    case 'approval_awaited':
      return `waits for an admin to let it in since it was enrolled ${agoText(sinceMs, nowMs)}`
    case 'changes_wait':
      return `a change of ${agoText(sinceMs, nowMs)} is not backed up yet`
    case 'backup_fails':
      return `backups fail (${word}); none was completed since ${since}`
    case 'snapshots_missing':
      return `${counted(count, 'snapshot')} that the device saw acknowledged ${count === 1 ? 'is' : 'are'} missing here`
    case 'silent':
      return `silent since ${since}`
    case 'offline':
      return `offline since ${since}`
    case 'mute':
      return `connected, but it says nothing of itself since ${since}`
    case 'not_heard':
      return 'no heartbeat of it is known yet'
    case 'unwatched':
      return `no agent watches it; backed up ${agoText(sinceMs, nowMs)}`
    case 'files_not_read':
      return `${counted(count, 'file')} not read (${unreadWords[what] ?? word}) since ${since}`
    case 'root_hung':
      return `${counted(count, 'folder')} ${count === 1 ? 'lies' : 'lie'} where nothing answers, since ${since}`
    case 'root_missing':
      return `${folders} not there since ${since}`
    case 'root_unmounted':
      return `${counted(count, 'folder')} ${count === 1 ? 'looks' : 'look'} like a disk that is not mounted, since ${since}`
    case 'root_emptied':
      return `${folders} empty since ${since}`
    case 'root_shrunk':
      return `${counted(count, 'folder')} lost most of what was in ${count === 1 ? 'it' : 'them'}, since ${since}`
    case 'root_trouble':
      return `${counted(count, 'folder')} in trouble (${word}) since ${since}`
    case 'access_missing':
      return `${accessWords[what] ?? `its system keeps something from the agent (${word})`}, since ${since}`
    case 'alarm':
      return `${alarmWords[what] ?? `its agent raised an alarm (${word})`}, since ${since}`
    case 'cloned':
      return `two machines use this identity since ${since}`
    case 'escrow_unproven':
      return `nobody has opened its keys since ${since}`
    case 'order_refused':
      return `it refused an order (${word}) since ${since}`
    case 'paused':
      return [
        `paused ${what === '' ? '' : `from afar by ${what} `}since ${since}`,
        ...(untilMs === undefined ? [] : [`goes on ${agoText(untilMs, nowMs)}`]),
      ].join(', ')
    case 'backup_runs':
      return `a backup runs, ${bytesText(count)} read`
    case 'backup_waits':
      return what === 'battery'
        ? 'a backup waits: the battery is low'
        : 'a backup waits: the network is metered'
    case 'watch_limited':
      return `${counted(count, 'folder')} ${count === 1 ? 'is' : 'are'} looked at by rescans only`
    case 'clock_wrong':
      return `its clock is ${counted(Math.abs(Math.round(count / 60)), 'minute')} ${count < 0 ? 'behind' : 'ahead'}`
    default:
      return word === '' ? code.replaceAll('_', ' ') : `${code.replaceAll('_', ' ')} (${word})`
  }
}

/** What a person does about it; undefined when there is nothing to do. */
export function remedyText({ code, what }: Pick<ReasonFacts, 'code' | 'what'>): string | undefined {
  if (code === 'paused' && what !== '')
    return 'It goes on by itself; More actions, End the pause, ends it sooner.'
  if (code === 'files_not_read') return unreadRemedies[what] ?? 'look at them under Files not read'
  return code === 'access_missing' ? (accessRemedies[what] ?? status) : remedies[code]
}

export const unreadWords: Readonly<Record<string, string>> = {
  denied: 'permission denied',
  io: 'read error',
  changed: 'changed while read',
  vanished: 'gone before it was read',
  too_long: 'path too long',
  too_deep: 'too deep',
  missing_root: 'folder missing',
  unsupported: 'larger than is kept',
  cloud_only: 'only in the cloud',
}

export const unreadRemedies: Readonly<Record<string, string>> = {
  denied: 'Run the agent as root, or exclude these files in the policy.',
  io: 'Check the disk of the device: it could not give these bytes back.',
  changed: 'Close what writes them, or exclude them; databases are better dumped by a hook.',
  vanished: 'Nothing to do: they were gone before they could be read.',
  too_long: 'Shorten their paths.',
  too_deep: 'Bring them nearer to the top.',
  missing_root: 'Give the folder back, or take it out of the policy.',
  cloud_only: 'Keep them on the device (OneDrive: Always keep on this device), or exclude them.',
  unsupported: 'A file may have 64 TiB, and 4 MiB of attributes: exclude them.',
}

const status = 'Run backstay-agent status on the device; it says what it waits for.'
const folder = 'Mount the disk or give the folder back; older snapshots keep what was there.'

const accessRemedies: Readonly<Record<string, string>> = {
  full_disk_access:
    'Give it by a PPPC profile, or there in System Settings, Privacy & Security, Full Disk Access.',
  unreadable_root: 'Run the agent as root, or take these folders out of the policy.',
  vss_failed: 'Look there with vssadmin list writers; free disk space on that volume, restart what failed.',
}

const accessWords: Readonly<Record<string, string>> = {
  full_disk_access: 'macOS gives its agent no Full Disk Access: mail, messages and more are not read',
  unreadable_root: 'folders of its policy may not be listed by its agent',
  vss_failed: 'Windows makes no snapshot there: files that are open are not read',
}

/** Where the keys of a device lie. */
export const keyProtectionWords: Readonly<Record<string, string>> = {
  file: 'in files that only their owner may read',
  credential: 'sealed with a credential of systemd',
  keychain: 'in the keyring of its system',
}

const remedies: Readonly<Record<string, string>> = {
  never_backed_up: 'Start the agent there: backstay-agent run',
  approval_awaited: 'Put it into a group under Policies to let it in, or retire it if nobody knows it.',
  changes_wait: status,
  backup_fails: status,
  mute: status,
  unwatched: 'Let the agent run there all the time: backstay-agent run',
  snapshots_missing: 'Look at the collector: backstay-collector scrub',
  silent: 'Find out where it is. What it saved can be restored.',
  root_hung: 'Bring the server of that share back, or unmount it there. What was saved from it stays.',
  root_missing: folder,
  root_unmounted: folder,
  root_emptied: folder,
  root_shrunk: folder,
  root_trouble: folder,
  alarm: status,
  cloned: 'Enrol one of the two machines anew.',
  order_refused: 'Sign the order again, or find out who tampers with the device.',
  escrow_unproven: 'Open the backups once with a restore key: backstay prove',
  paused: 'It goes on by itself; or run backstay-agent resume on the device.',
  watch_limited: 'Raise fs.inotify.max_user_watches there above the number of folders.',
  clock_wrong: 'Set its clock; nothing here depends on it.',
}

const alarmWords: Readonly<Record<string, string>> = {
  rolled_back: 'the collector showed it an older state than it had acknowledged',
  hook_failed: 'a hook of the policy failed',
  vss_failed: 'no snapshot of a volume could be taken: files in use are left out',
  coverage_dropped: 'a new policy names less than half of what the old one did',
  policy_stale: 'the policy has ended and is obeyed until another is signed',
  policy_newer: 'the policy says more than its agent understands: update it',
  memory_lost: 'it lost what it remembered and reads everything again',
  escrow_waits:
    'its keys are not sealed for the newest kit and desk yet; it tries again with each connection',
  pages_lost: 'parts of its last snapshot are lost; their files are sent again',
}
