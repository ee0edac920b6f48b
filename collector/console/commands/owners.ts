/** `backstay owners`: who signs Trust, and how many of them must. What one signed waits with the collector for the others. */
import { readGiven } from '@backstay/agent/commands/named-file'
import { shownText, tableText } from '@backstay/agent/commands/text'
import { equalBytes, fromUtf8, hex } from '@backstay/proto/bytes'
import { readOwnerPaper } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import { cosignEnvelope, decodeEnvelope, signersOf } from '@backstay/proto/trust/envelope'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import { Command } from 'commander'
import { type AdminSession, openAdminSession, requireFleet } from '../admin.ts'
import { type AdminFolder, adminFolder, adminFolderPath, type KnownFleet } from '../admin-folder.ts'
import { restWithKey } from '../collector-rest.ts'
import { readOwnerFile } from '../kit-file.ts'
import { confirmKit, writeKitPage } from '../kit-paper.ts'
import { type CommonOptions, wholeNumber, withCommonOptions, withOwnerPaper } from '../options.ts'
import { ownerKeyOf } from '../owner-key.ts'
import { requireYes } from '../requiring-yes.ts'
import type { Surroundings } from '../surroundings.ts'
import { makeOwnerRequest, readOwnerRequest } from '../trust/owner-request.ts'
import { bring, sayChanged, signTrustChange } from '../trust/sign-trust-change.ts'
import { believable, type TrustChange } from '../trust/trust-change.ts'
import { trustDifferences } from '../trust/trust-differences.ts'

interface RequestOptions extends CommonOptions {
  readonly unattended?: boolean
}

interface ChangeOptions extends CommonOptions {
  readonly kit: string
  readonly yes?: boolean
}

export function ownersCommand(around: Surroundings): Command {
  const command = new Command('owners').description('who signs Trust, and how many of them must')
  const list = new Command('list').description('list them, and what waits for more of them')
  withCommonOptions(list).action((options: CommonOptions) => listOwners(around, options))
  const request = new Command('request')
    .description(
      'on the machine of an admin who shall become one: make an owner key on paper, print what to hand over',
    )
    .argument('<name>', 'your name')
    .option('--unattended', 'do not ask for a part of the printed page')
  withCommonOptions(request).action((name: string, options: RequestOptions) => ask(around, name, options))
  const add = withOwnerPaper(new Command('add').description('make somebody an owner'))
    .argument('<request>', 'the file that was handed over; - for standard input')
    .action(async (file: string, options: ChangeOptions) => {
      const text = await readGiven(file)
      await change(around, options, () => ({ kind: 'add-owner', request: text }))
    })
  const remove = withOwnerPaper(new Command('remove').description('let somebody be an owner no longer'))
    .argument('<owner>', 'name, or the beginning of the key')
    .action((name: string, options: ChangeOptions) =>
      change(around, options, session => ({ kind: 'remove-owner', key: keyOf(session, name) })),
    )
  const threshold = withOwnerPaper(
    new Command('threshold').description('how many of them must sign from then on'),
  )
    .argument('<count>')
    .action((count: string, options: ChangeOptions) =>
      change(around, options, () => ({ kind: 'threshold', count: wholeNumber('the count', count, 1, 16) })),
    )
  const confirm = withOwnerPaper(new Command('confirm')).description(
    'sign, too, what another owner has signed',
  )
  confirm.action((options: ChangeOptions) => confirmProposal(around, options))
  command.addCommand(list, { isDefault: true })
  for (const one of [request, add, remove, threshold, confirm]) command.addCommand(one)
  return command
}

async function listOwners(around: Surroundings, options: CommonOptions): Promise<void> {
  const { terminal } = around
  await using session = await openAdminSession(around, options)
  const { owners, threshold, version } = session.trust.document
  const waiting = await proposal(around, session)
  const lines = owners.map(({ key, label }) => ({
    ...{ name: label, key: hex(key) },
    ...(waiting && { signed: waiting.signers.some(one => equalBytes(one, key)) }),
  }))
  const told = waiting && { version: version + 1, differences: waiting.differences }
  if (options.json)
    return terminal.print(JSON.stringify({ version, threshold, owners: lines, waiting: told }))
  const rows = lines.map(one => [
    shownText(one.name),
    one.key.slice(0, 16),
    one.signed === true ? 'signed' : '',
  ])
  terminal.print(tableText(['owner', 'key', waiting === undefined ? '' : `version ${version + 1}`], rows))
  terminal.say(`version ${version} of Trust; ${threshold} of them must sign the next`)
  if (waiting === undefined) return
  for (const line of waiting.differences) terminal.say(`waits: ${line}`)
  terminal.say('sign it, too: backstay owners confirm --kit FILE')
}

/** The key is made here, goes on paper, and is nowhere else: who adds this owner never has it. */
async function ask(around: Surroundings, name: string, options: RequestOptions): Promise<void> {
  const { primitives: p, terminal } = around
  const folder = adminFolder(p, adminFolderPath(around, options.admin))
  const known = await requireFleet(folder)
  const paper = await ownerPaper(around, folder, known, name)
  const text = await makeOwnerRequest(name, await p.signingKey(paper.ownerSeed))
  if (options.unattended)
    terminal.say('nobody has confirmed that the page is on paper; print it before you rely on it')
  else await confirmKit(around, paper)
  const { fingerprint } = await readOwnerRequest(p, text)
  terminal.say('hand this over, and when you are asked for it, say by voice:')
  terminal.say(`\n    ${fingerprint}\n`)
  terminal.print(
    options.json ? JSON.stringify({ request: text, fingerprint, page: folder.ownerFile }) : text.trimEnd(),
  )
}

/** As it was made, when it was interrupted. */
async function ownerPaper(around: Surroundings, folder: AdminFolder, known: KnownFleet, name: string) {
  const left = await folder.readOwnerPage()
  if (left !== undefined) {
    around.terminal.say(`going on with the key that was made in "${folder.ownerFile}"`)
    return readOwnerPaper(fromUtf8(left), known.fleet)
  }
  const paper = { fleet: known.fleet, ownerSeed: around.primitives.random(32) }
  const newest = known.chain.at(-1)
  const fleetName = newest === undefined ? '' : decodeTrust(decodeEnvelope(newest).payload).fleetName
  const file = { path: folder.ownerFile, write: folder.writeOwnerPage }
  await writeKitPage(around, file, { kit: paper, fleetName, adminName: name, urls: known.urls })
  return paper
}

async function change(
  around: Surroundings,
  options: ChangeOptions,
  wish: (session: AdminSession) => TrustChange,
): Promise<void> {
  const kit = await readOwnerFile(options.kit)
  await using session = await openAdminSession(around, options)
  const changed = await signTrustChange(around, session, { ...options, change: wish(session), kit })
  const { version, isProposed } = changed
  if (options.json) around.terminal.print(JSON.stringify({ version, isProposed }))
  else sayChanged(around, changed)
}

async function confirmProposal(around: Surroundings, options: ChangeOptions): Promise<void> {
  const { terminal, primitives: p } = around
  const paper = await readOwnerFile(options.kit)
  await using session = await openAdminSession(around, options)
  const key = await ownerKeyOf(p, session.trust, paper)
  const waiting = await proposal(around, session)
  if (waiting === undefined)
    throw new Failure('nothing_waits', 'no change of Trust waits for an owner', {
      hint: 'see: backstay owners',
    })
  if (waiting.signers.some(one => equalBytes(one, key.publicKey)))
    throw new Failure('one_owner', 'you have signed this already, and one owner counts once', {
      hint: 'ask another owner',
    })
  if (!options.json) for (const line of waiting.differences) terminal.say(line)
  await requireYes(around, options.yes)
  const envelope = await cosignEnvelope(p, 'trust', waiting.envelope, [key])
  const changed = await bring(around, session, envelope, await believable(p, envelope, session.trust))
  const { version, isProposed } = changed
  if (options.json) terminal.print(JSON.stringify({ version, isProposed }))
  else sayChanged(around, changed)
}

/** What waits with the collector, as far as owners of today signed it; what it does is read from the document itself. */
async function proposal(around: Surroundings, { known, history, trust, admin, primitives: p }: AdminSession) {
  await using rest = await restWithKey(around, { known, history, signingKey: admin.signingKey })
  const { envelope: text } = await rest.get<{ readonly envelope?: string }>('/trust/proposal')
  if (text === undefined) return undefined
  const envelope = Uint8Array.fromBase64(text)
  const decoded = decodeEnvelope(envelope)
  const document = decodeTrust(decoded.payload)
  const { version } = trust.document
  if (document.version !== version + 1 || !equalBytes(document.previous, trust.payloadHash)) return undefined
  const owners = trust.document.owners.map(({ key }) => key)
  const signers = await signersOf(p, 'trust', decoded, owners)
  if (signers.length === 0) return undefined
  return { envelope, signers, differences: trustDifferences(trust.document, document) }
}

/** By name or by the beginning of the key. Throws `unknown_owner`. */
function keyOf({ trust }: AdminSession, wanted: string): string {
  const [only, second] = trust.document.owners.filter(
    ({ label, key }) => label === wanted || (wanted.length >= 8 && hex(key).startsWith(wanted.toLowerCase())),
  )
  if (only !== undefined && second === undefined) return hex(only.key)
  throw new Failure('unknown_owner', `no owner, or more than one, is "${wanted}"`, {
    hint: 'see them with: backstay owners',
  })
}
