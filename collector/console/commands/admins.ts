/** `backstay admins`: who may read and command. A change is signed with the owner key of the recovery kit. */
import { readGiven } from '@backstay/agent/commands/named-file'
import { shownText, tableText } from '@backstay/agent/commands/text'
import { equalBytes, hex } from '@backstay/proto/bytes'
import { generateIdentity } from '@backstay/proto/content/age'
import { fingerprintOf } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import { readInvitation, writeInvitation } from '@backstay/proto/trust/invitation'
import { verifyTrustHistory } from '@backstay/proto/trust/trust'
import { Command, Option } from 'commander'
import { type AdminSession, openAdmin, openAdminSession } from '../admin.ts'
import { adminFolder, adminFolderPath } from '../admin-folder.ts'
import { sealAdminKey } from '../admin-key.ts'
import { collect } from '../backup-set.ts'
import { readOwnerFile } from '../kit-file.ts'
import { choosePassphrase } from '../making.ts'
import { type CommonOptions, withCommonOptions, withOwnerPaper } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { makeRequest, readRequest } from '../trust/admin-request.ts'
import { sayChanged, signTrustChange } from '../trust/sign-trust-change.ts'
import type { AdminRole, TrustChange } from '../trust/trust-change.ts'

interface ChangeOptions extends CommonOptions {
  readonly kit: string
  readonly role?: readonly AdminRole[]
  readonly yes?: boolean
}

const roles: readonly AdminRole[] = ['policy', 'restore', 'enroll', 'audit']

export function adminsCommand(around: Surroundings): Command {
  const command = new Command('admins').description('who may read and command, and from when on')
  const list = new Command('list').description('list them')
  withCommonOptions(list).action((options: CommonOptions) => listAdmins(around, options))
  const request = new Command('request')
    .description('on the machine of somebody who shall become one: make keys, print what to hand over')
    .argument('<name>', 'your name')
  withCommonOptions(request).action((name: string, options: CommonOptions) => ask(around, name, options))
  const join = new Command('join')
    .description('there again, with the line that came back: this folder is of that fleet from now on')
    .argument('<file>', 'with the line; - for standard input')
  withCommonOptions(join).action((file: string, options: CommonOptions) => joinFleet(around, file, options))
  const add = withOwnerPaper(new Command('add').description('make somebody an admin'))
    .argument('<request>', 'the file that was handed over; - for standard input')
    .addOption(roleOption())
    .action(async (file: string, options: ChangeOptions) => {
      const text = await readGiven(file)
      await change(around, options, () => ({ kind: 'add', request: text, roles: options.role ?? [] }))
    })
  const remove = withOwnerPaper(new Command('remove').description('let somebody be an admin no longer'))
    .argument('<admin>', 'name or key')
    .action((name: string, options: ChangeOptions) =>
      change(around, options, session => ({ kind: 'remove', key: keyOf(session, name) })),
    )
  const allow = withOwnerPaper(new Command('roles').description('let an admin do other things'))
    .argument('<admin>', 'name or key')
    .addOption(roleOption())
    .action((name: string, options: ChangeOptions) =>
      change(around, options, session => ({
        ...{ kind: 'roles', key: keyOf(session, name), roles: options.role ?? [] },
      })),
    )
  const rotate = withOwnerPaper(
    new Command('rotate').description('make the key anew that restore admins share'),
  ).action((options: ChangeOptions) => change(around, options, () => ({ kind: 'rotate' })))
  command.addCommand(list, { isDefault: true })
  for (const one of [request, add, join, remove, allow, rotate]) command.addCommand(one)
  return command
}

function roleOption(): Option {
  return new Option('--role <role>', `${roles.join(', ')}; may be given several times`)
    .argParser((value: string, before: readonly string[] | undefined) => {
      if (roles.some(role => role === value)) return collect(value, before)
      throw new Failure('bad_role', `"${value}" is no role`, { hint: `one of: ${roles.join(', ')}` })
    })
    .makeOptionMandatory()
}

async function listAdmins(around: Surroundings, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const { admins, owners, threshold, version } = session.trust.document
  const lines = admins.map(({ name, key, roles: may }) => ({ name, roles: may, key: hex(key) }))
  if (options.json) return around.terminal.print(JSON.stringify({ version, admins: lines }))
  const rows = lines.map(one => [shownText(one.name), one.roles.join(', '), one.key.slice(0, 16)])
  around.terminal.print(tableText(['admin', 'may', 'key'], rows))
  around.terminal.say(
    `version ${version} of Trust; ${threshold} of ${owners.length} owner key(s) sign the next`,
  )
}

async function ask(around: Surroundings, name: string, options: CommonOptions): Promise<void> {
  const { primitives: p, terminal } = around
  const folder = adminFolder(p, adminFolderPath(around, options.admin))
  if ((await folder.readKey()) !== undefined) {
    throw new Failure('admin_exists', `there is a key in "${folder.path}" already`, {
      hint: 'use another folder: --admin DIR',
    })
  }
  const key = { seed: p.random(32), identity: await generateIdentity() }
  const text = await makeRequest(p, name, key)
  const passphrase = await choosePassphrase({ around, options })
  await folder.writeKey(await sealAdminKey(key, { name }, passphrase, around.scryptLogN))
  const { fingerprint } = await readRequest(p, text)
  terminal.say(`your key: "${folder.keyFile}"; it stays here`)
  terminal.say('hand this over, and when you are asked for it, say by voice:')
  terminal.say(`\n    ${fingerprint}\n`)
  terminal.print(
    options.json ? JSON.stringify({ request: text, fingerprint, key: folder.keyFile }) : text.trimEnd(),
  )
}

async function joinFleet(around: Surroundings, file: string, options: CommonOptions): Promise<void> {
  const { primitives: p, terminal } = around
  const folder = adminFolder(p, adminFolderPath(around, options.admin))
  const known = readInvitation(await readGiven(file))
  const trust = (await verifyTrustHistory(p, known.chain, known.fleet)).at(-1)
  const { signingKey } = await openAdmin(around, folder, options)
  const own = trust?.document.admins.find(one => equalBytes(one.key, signingKey.publicKey))
  if (trust === undefined || own === undefined) {
    throw new Failure('not_admin', 'the key in this folder is no admin of that fleet', {
      hint: 'ask whoever invited you to sign it first',
    })
  }
  await folder.rememberFleet(known)
  const fingerprint = fingerprintOf(known.fleet)
  terminal.say(`compare with whoever added you: the fleet is ${fingerprint}`)
  const done = { fleet: known.fleet, name: own.name, roles: own.roles }
  terminal.print(
    options.json
      ? JSON.stringify(done)
      : `you are an admin of "${shownText(trust.document.fleetName)}" and may: ${own.roles.join(', ')}\nopen the console with: backstay console`,
  )
}

async function change(
  around: Surroundings,
  options: ChangeOptions,
  wish: (session: AdminSession) => TrustChange,
): Promise<void> {
  // First, so that a typing mistake in it is found before anyone types a passphrase.
  const kit = await readOwnerFile(options.kit)
  await using session = await openAdminSession(around, options)
  const asked = wish(session)
  const changed = await signTrustChange(around, session, { ...options, change: asked, kit })
  const { version, isProposed, known } = changed
  const invitation = asked.kind === 'add' && !isProposed ? writeInvitation(known) : undefined
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify({ version, isProposed, invitation }))
  sayChanged(around, changed)
  if (invitation === undefined) return
  terminal.say('send this line back; it is no secret. There: backstay admins join FILE')
  terminal.print(invitation)
}

/** By name or by the beginning of the key. Throws `unknown_admin`, `which_admin`. */
function keyOf({ trust }: AdminSession, wanted: string): string {
  const found = trust.document.admins.filter(
    ({ name, key }) => name === wanted || (wanted.length >= 8 && hex(key).startsWith(wanted.toLowerCase())),
  )
  const [only, second] = found
  if (only !== undefined && second === undefined) return hex(only.key)
  const code = only === undefined ? 'unknown_admin' : 'which_admin'
  const message = only === undefined ? `no admin is named "${wanted}"` : `more than one admin is "${wanted}"`
  throw new Failure(code, message, { hint: 'see them with: backstay admins' })
}
