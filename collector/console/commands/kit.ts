/** `backstay kit`: how far the recovery kit of today reaches, and another in its place. */
import { shownText, tableText, timeText } from '@backstay/agent/commands/text'
import { equalBytes, fromUtf8 } from '@backstay/proto/bytes'
import { generateIdentity, recipientOf } from '@backstay/proto/content/age'
import { type Kit, readKit } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { readKitFile } from '../kit-file.ts'
import { confirmKit, writeKitPage } from '../kit-paper.ts'
import { type KitStanding, kitStanding } from '../kit-standing.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import { ownerKeyOf } from '../owner-key.ts'
import type { Surroundings } from '../surroundings.ts'
import { sayChanged, signTrustChange } from '../trust/sign-trust-change.ts'

interface ReplaceOptions extends CommonOptions {
  readonly kit: string
  readonly unattended?: boolean
  readonly yes?: boolean
}

export function kitCommand(around: Surroundings): Command {
  const command = new Command('kit').description('the recovery kit: which devices are under it; another one')
  const show = new Command('show').description('which devices have sealed their keys for the kit of today')
  withCommonOptions(show).action((options: CommonOptions) => showKit(around, options))
  const replace = new Command('replace')
    .description('make a new kit, and have devices seal their keys for it')
    .requiredOption('--kit <file>', 'the kit that goes: its saved page, or its three lines as text')
    .option('--unattended', 'do not ask for a part of the printed kit')
    .option('--yes', 'do not ask before it is signed')
  withCommonOptions(replace).action((options: ReplaceOptions) => replaceKit(around, options))
  return command.addCommand(show, { isDefault: true }).addCommand(replace)
}

async function showKit(around: Surroundings, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const standing = await kitStanding(session.primitives, session.link, session.history)
  if (options.json) return around.terminal.print(JSON.stringify(standing))
  printStanding(around, standing)
}

/**
 * The order matters, as in `init`: nothing is signed before the new kit is on paper, and the page that was made stays until a person
 * deletes it. Interrupted anywhere, the same command goes on.
 */
async function replaceKit(around: Surroundings, options: ReplaceOptions): Promise<void> {
  const { terminal, primitives: p } = around
  // First, so that a typing mistake in it is found before anyone types a passphrase.
  const old = await readKitFile(options.kit)
  await using session = await openAdminSession(around, options)
  const { folder } = session.admin
  const left = await folder.readNewKit()
  const before = left && readKit(fromUtf8(left), session.trust.fleet)
  const standingOf = before && (await ownerSince(session, before))
  if (standingOf === 'now') return await printDone(around, session, options)
  if (standingOf === 'before') {
    throw new Failure('kit_left', `"${folder.newKitFile}" is a kit that was replaced in the meantime`, {
      hint: 'delete that file, then begin again',
    })
  }
  const oldOwner = await ownerKeyOf(p, session.trust, old)
  if (before !== undefined) terminal.say(`going on with the kit that was made in "${folder.path}"`)
  const kit = before ?? (await makeKit(around, session))
  if (options.unattended) {
    terminal.say('nobody has confirmed that the new kit is on paper; print it before you rely on it')
  } else await confirmKit(around, kit)
  const newOwner = await p.signingKey(kit.ownerSeed)
  const recipient = await recipientOf(kit.identity)
  const keys = { owner: oldOwner.publicKey, newOwner: newOwner.publicKey }
  const change = { kind: 'kit', ...keys, recipient } as const
  const changed = await signTrustChange(around, session, { ...options, change, kit: old, newOwner })
  const { isProposed, history } = changed
  if (isProposed) {
    sayChanged(around, changed)
    return terminal.say(`keep both kits; "${folder.newKitFile}" goes on lying there until it counts`)
  }
  await printDone(around, { ...session, history }, options)
}

async function makeKit(around: Surroundings, session: AdminSession): Promise<Kit> {
  const { primitives: p, trust, known, admin } = session
  const kit = { fleet: trust.fleet, ownerSeed: p.random(32), identity: await generateIdentity() }
  const own = trust.document.admins.find(one => equalBytes(one.key, admin.signingKey.publicKey))
  const about = { fleetName: trust.document.fleetName, adminName: own?.name ?? '', urls: known.urls }
  const file = { path: admin.folder.newKitFile, write: admin.folder.writeNewKit }
  await writeKitPage(around, file, { ...about, kit, replaces: true })
  return kit
}

/** Whether Trust names the owner of this kit: now, once, or never yet. */
async function ownerSince(
  { primitives, history }: AdminSession,
  kit: Kit,
): Promise<'now' | 'before' | 'never'> {
  const { publicKey } = await primitives.signingKey(kit.ownerSeed)
  const names = ({ document }: (typeof history)[number]) =>
    document.owners.some(owner => equalBytes(owner.key, publicKey))
  const newest = history.at(-1)
  if (newest !== undefined && names(newest)) return 'now'
  return history.some(names) ? 'before' : 'never'
}

async function printDone(
  around: Surroundings,
  { primitives, link, history, admin }: Pick<AdminSession, 'primitives' | 'link' | 'history' | 'admin'>,
  { json }: ReplaceOptions,
): Promise<void> {
  const standing = await kitStanding(primitives, link, history)
  const file = admin.folder.newKitFile
  if (json) return around.terminal.print(JSON.stringify({ ...standing, kit: file }))
  around.terminal.say(
    `the new kit counts from version ${standing.since} of Trust on; printed? then delete "${file}"`,
  )
  printStanding(around, standing)
}

function printStanding({ terminal }: Surroundings, { since, sinceMs, sealed, waiting }: KitStanding): void {
  const age =
    since === 1
      ? 'it was made when the fleet was founded'
      : `it came with version ${since} of Trust, ${timeText(sinceMs)}`
  terminal.print(`the recovery kit: ${age}; ${sealed} of ${sealed + waiting.length} device(s) are under it`)
  if (waiting.length === 0) {
    if (since > 1)
      terminal.say(
        'the kit of before is needed no more for any device; it opens old copies of the packs, still',
      )
    return
  }
  const rows = waiting.map(one => [
    shownText(one.name),
    one.isRetired ? 'retired' : 'waits',
    timeText(one.lastSeenMs),
  ])
  terminal.print(tableText(['not under it', '', 'last seen'], rows))
  terminal.say(
    since === 1
      ? 'hint: these never escrowed their keys; enroll them anew: backstay token'
      : 'hint: a device seals its keys when it connects next; keep the kit of before until then, and for those that are retired',
  )
}
