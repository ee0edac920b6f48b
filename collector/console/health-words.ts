/** Health in words: calm, exact, with since when; and for each trouble what a person does about it. */
import { agoText, bytesText, shownText, timeText } from '@backstay/agent/commands/text'
import { unreachable } from '@backstay/proto/failure'
import { danger, type Health, type HealthState, type Reason } from '@backstay/proto/health/health'

/** A mark and a word: no state is told by colour alone. */
export const stateText: Readonly<Record<HealthState, string>> = {
  protected: '✓ protected',
  at_risk: '! at risk',
  unprotected: '✗ unprotected',
  never_backed_up: '○ never backed up',
  paused: '‖ paused',
  offline_complete: '– offline but complete',
  retired: '· retired',
}

/** The order in which a sum names them. */
export const statesInOrder: readonly HealthState[] = [
  'protected',
  'offline_complete',
  'paused',
  'at_risk',
  'unprotected',
  'never_backed_up',
  'retired',
]

/** Why the device is in its state and since when, on one line. */
export function healthSentence({ state, sinceMs, reasons }: Health, nowMs: number): string {
  const grave = reasons.filter(({ grade }) => grade === state)
  const [first] = grave
  if (first !== undefined) {
    const more = grave.length > 1 ? `; and ${grave.length - 1} more` : ''
    return `${reasonText(first, nowMs)}${more}`
  }
  const lead =
    state === 'offline_complete'
      ? `all that is known was saved; seen ${agoText(sinceMs, nowMs)}`
      : `backed up ${agoText(sinceMs, nowMs)}`
  const said = state === 'offline_complete' ? worthALine.filter(code => code !== 'offline') : worthALine
  const note = reasons.find(({ code }) => said.includes(code))
  return note === undefined ? lead : `${lead}; ${reasonText(note, nowMs)}`
}

/** Notes that a fleet manager should see beside a state that is good. */
const worthALine: readonly Reason['code'][] = [
  'backup_fails',
  'order_refused',
  'files_not_read',
  'clock_wrong',
  'offline',
  'not_heard',
]

export function reasonText({ code, sinceMs, count, what, untilMs }: Reason, nowMs: number): string {
  const since = sinceText(sinceMs, nowMs)
  const word = shownText(what).replaceAll('_', ' ')
  switch (code) {
    case 'revoked':
      return `revoked ${agoText(sinceMs, nowMs)}`
    case 'never_backed_up':
      return `no complete snapshot since it was enrolled ${agoText(sinceMs, nowMs)}`
    case 'approval_awaited':
      return `waits for an admin to let it in since it was enrolled ${agoText(sinceMs, nowMs)}`
    case 'changes_wait':
      return `a change of ${agoText(sinceMs, nowMs)} is not backed up yet`
    case 'backup_fails':
      return `backups fail (${word}); none was completed since ${since}`
    case 'snapshots_missing':
      return `${counted(count, 'snapshot')} that the device saw acknowledged ${count === 1 ? 'is' : 'are'} not shown by the collector`
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
      return `${counted(count, 'file')} not read (${word}) since ${since}`
    case 'root_hung':
      return `${counted(count, 'folder')} ${count === 1 ? 'lies' : 'lie'} where nothing answers since ${since}`
    case 'root_missing':
      return `${counted(count, 'folder')} ${are(count)} not there since ${since}`
    case 'root_unmounted':
      return `${counted(count, 'folder')} ${count === 1 ? 'looks' : 'look'} like a disk that is not mounted since ${since}`
    case 'root_emptied':
      return `${counted(count, 'folder')} ${are(count)} empty since ${since}`
    case 'root_shrunk':
      return `${counted(count, 'folder')} lost most of what was in ${count === 1 ? 'it' : 'them'} since ${since}`
    case 'root_trouble':
      return `${counted(count, 'folder')} in trouble (${word}) since ${since}`
    case 'access_missing':
      return `${accessTexts[what] ?? `its system keeps something from the agent (${word})`}, since ${since}`
    case 'alarm':
      return `${alarmTexts[what] ?? `its agent raised an alarm (${word})`}, since ${since}`
    case 'cloned':
      return `two machines use this identity since ${since}`
    case 'escrow_unproven':
      return `nobody has opened its escrow since ${since}`
    case 'order_refused':
      return `it refused an order (${word}) since ${since}`
    case 'paused':
      return `paused ${fromAfar(what)}since ${since}, until ${timeText(untilMs ?? nowMs)}`
    case 'backup_runs':
      return `a backup runs, ${bytesText(count)} read`
    case 'backup_waits':
      return what === 'battery'
        ? 'a backup waits: the battery is low'
        : 'a backup waits: the network is paid by the byte'
    case 'watch_limited':
      return `${counted(count, 'folder')} ${are(count)} looked at by rescans only`
    case 'clock_wrong':
      return `its clock is ${spanText(Math.abs(count))} ${count < 0 ? 'behind' : 'ahead'}`
    default:
      return unreachable(code)
  }
}

/** What a person does about it; undefined when there is nothing to do. */
export function remedyText({ code, what }: Reason, device: string): string | undefined {
  switch (code) {
    case 'never_backed_up':
      return 'start the agent there (backstay-agent run) and see backstay-agent status'
    case 'approval_awaited':
      return `let it in: backstay policy assign ${device} --group NAME (or --no-group); if you do not know it: backstay retire ${device}`
    case 'changes_wait':
    case 'backup_fails':
    case 'mute':
      return 'see backstay-agent status on the device, and its log'
    case 'unwatched':
      return 'let the agent run there all the time: backstay-agent run'
    case 'snapshots_missing':
      return 'look at the collector: backstay-collector scrub'
    case 'silent':
      return `find out where it is; what it has saved can be restored: backstay restore ${device}`
    case 'files_not_read':
      return `${unreadRemedies[what] ?? 'look at them'}; list them: backstay ls ${device} --unread --recursive`
    case 'root_hung':
      return 'bring the server of that share back, or unmount it; what was saved from there stays'
    case 'root_missing':
    case 'root_unmounted':
    case 'root_emptied':
    case 'root_shrunk':
    case 'root_trouble':
      return 'mount the disk or give the folder back; older snapshots keep what was there'
    case 'access_missing':
      return accessRemedies[what] ?? 'see backstay-agent status on the device'
    case 'alarm':
      return 'see backstay-agent status on the device'
    case 'cloned':
      return 'enroll one of them anew: backstay token; a machine that was put back is itself again after a week'
    case 'order_refused':
      return 'see backstay-agent policy on the device; sign the order again, or look for who tampers'
    case 'escrow_unproven':
      return 'run: backstay prove'
    case 'paused':
      return what === '' ? 'backstay-agent resume, on the device' : `backstay resume ${device}`
    case 'watch_limited':
      return 'raise fs.inotify.max_user_watches there, above the number of folders'
    case 'clock_wrong':
      return 'set its clock; nothing here depends on it'
    default:
      return undefined
  }
}

/** `by`: the admin; empty: who works there paused it. */
const fromAfar = (by: string): string => (by === '' ? '' : `from afar by ${shownText(by)} `)

/** `47 devices: 44 protected, 2 at risk, 1 never backed up` */
export function sumText(states: readonly HealthState[]): string {
  const parts = statesInOrder.flatMap(state => {
    const count = states.filter(one => one === state).length
    return count === 0 ? [] : [`${count} ${plainWord(state)}`]
  })
  return `${counted(states.length, 'device')}: ${parts.join(', ')}`
}

export const needsSomebody = (state: HealthState): boolean => danger(state) > 0

/** The word without its mark. */
export function plainWord(state: HealthState): string {
  return stateText[state].slice(2)
}

const alarmTexts: Readonly<Record<string, string>> = {
  rolled_back: 'the collector showed it an older state than it had acknowledged',
  hook_failed: 'a hook of the policy failed',
  vss_failed: 'no snapshot of a volume could be taken: files in use are left out',
  coverage_dropped: 'a new policy names less than half of what the old one did',
  policy_stale: 'the policy has ended; it is obeyed until an admin signs another',
  policy_newer: 'the policy says more than its agent understands: update it',
  memory_lost: 'it lost what it remembered and reads everything again',
  escrow_waits:
    'its keys are not sealed for the newest kit and desk yet; it tries again with each connection',
  pages_lost: 'parts of its last snapshot are lost; their files are sent again',
}

const accessTexts: Readonly<Record<string, string>> = {
  full_disk_access: 'macOS gives its agent no Full Disk Access; mail, messages and more are not read',
  unreadable_root: 'folders of its policy may not be listed by its agent',
  vss_failed: 'Windows makes no snapshot there; files that are open are not read',
}

const accessRemedies: Readonly<Record<string, string>> = {
  full_disk_access:
    'give it by a PPPC profile (docs/roll-out.md), or there in System Settings, Privacy & Security, Full Disk Access',
  unreadable_root: 'run the agent as root, or take these folders out of the policy',
  vss_failed: 'look there with: vssadmin list writers; free disk space on that volume, restart what failed',
}

const unreadRemedies: Readonly<Record<string, string>> = {
  denied: 'run the agent as root, or exclude them',
  io: 'check the disk of the device',
  changed: 'they changed while they were read; close what writes them, or exclude them',
  vanished: 'they were gone before they could be read',
  too_long: 'shorten their paths',
  too_deep: 'bring them nearer to the top',
  missing_root: 'give the folder back, or take it out of the policy',
  unsupported: 'a file may have 64 TiB, and 4 MiB of attributes; exclude them',
  cloud_only: 'they are only in the cloud: keep them on the device too, or exclude them',
}

const dayMs = 86_400_000

/** `14:03`, `Tuesday 14:03`, or a date, as the admin's clock tells it. */
function sinceText(ms: number, nowMs: number): string {
  const day = (at: number) => new Date(at).toDateString()
  const time = timeText(ms).slice(11, 16)
  if (day(ms) === day(nowMs)) return time
  if (nowMs - ms < 6 * dayMs) return `${weekdays[new Date(ms).getDay()]} ${time}`
  return timeText(ms).slice(0, 10)
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function spanText(seconds: number): string {
  if (seconds < 7200) return counted(Math.round(seconds / 60), 'minute')
  if (seconds < 172_800) return counted(Math.round(seconds / 3600), 'hour')
  return counted(Math.round(seconds / 86_400), 'day')
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

const are = (count: number): string => (count === 1 ? 'is' : 'are')
