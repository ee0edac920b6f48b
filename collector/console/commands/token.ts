/** `backstay token`: what a device needs to enrol, as one line. It holds a secret that can add empty devices, nothing else. */
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { signPolicy } from '@backstay/proto/policy/policy'
import { isCollectorUrl, urlsMax } from '@backstay/proto/trust/address'
import { type Grant, grantDaysMax, grantUsesMax, signGrant } from '@backstay/proto/trust/grant'
import { newOrder } from '@backstay/proto/trust/order'
import { encodeToken } from '@backstay/proto/trust/token'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { backupSet, collect, usualRoots } from '../backup-set.ts'
import { type CommonOptions, requireText, wholeNumber, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'

interface TokenOptions extends CommonOptions {
  readonly root?: readonly string[]
  readonly exclude?: readonly string[]
  readonly uses: string
  readonly days: string
  readonly label: string
  readonly approval?: boolean
  readonly url?: readonly string[]
}

const dayMs = 86_400_000

export function tokenCommand(around: Surroundings): Command {
  const command = new Command('token')
    .description('print a token with which devices enrol')
    .option('--uses <count>', 'how many devices may use it', '1')
    .option('--days <count>', 'how long it is good for', '1')
    .option('--label <text>', 'what it is for, for people', '')
    .option('--approval', 'each device waits until an admin puts it into a group, or into none')
    .option('--root <path>', 'what these devices back up; may be given several times', collect)
    .option(
      '--exclude <pattern>',
      'what they leave out, as in .gitignore; may be given several times',
      collect,
    )
    .option('--url <url>', 'where these devices find the collector (default: where you do)', collect)
  return withCommonOptions(command).action((options: TokenOptions) => token(around, options))
}

async function token(around: Surroundings, options: TokenOptions): Promise<void> {
  const wish = {
    uses: wholeNumber('--uses', options.uses, 1, grantUsesMax),
    days: wholeNumber('--days', options.days, 1, grantDaysMax),
    // Everything that can be wrong is found before anyone types a passphrase.
    set: wantsPolicy(options) ? backupSet(options, options.root ?? usualRoots(process.platform)) : undefined,
    urls: options.url ?? [],
  }
  requireText('a label', options.label)
  requireUrls(wish.urls)
  await using session = await openAdminSession(around, options)
  const p = around.primitives
  const { trust, link, admin } = session
  const grantSeed = p.random(32)
  const nowMs = around.clock.now()
  const expiresAtMs = nowMs + wish.days * dayMs
  const grant: Grant = {
    order: newOrder(p, trust, nowMs, { expiresAtMs }),
    grantKey: (await p.signingKey(grantSeed)).publicKey,
    label: options.label,
    maxUses: wish.uses,
    manualApproval: options.approval === true,
  }
  const envelope = await signGrant(p, grant, admin.signingKey)
  // The policy first: a device that enrols at once must find it.
  if (wish.set !== undefined) {
    const policy = {
      order: newOrder(p, trust, nowMs, { audience: [grant.order.id] }),
      name: options.label === '' ? 'policy of a token' : options.label,
      settings: [{ kind: 'backupSet', value: wish.set, locked: false }] as const,
    }
    await link.putRecord(await signPolicy(p, policy, admin.signingKey))
  }
  await link.putRecord(envelope)
  const text = encodeToken({
    urls: wish.urls.length > 0 ? wish.urls : session.known.urls,
    spkiPins: pinsOf(session),
    fleet: trust.fleet,
    trustVersion: trust.document.version,
    trustHash: trust.payloadHash,
    grant: envelope,
    grantSeed,
  })
  const { terminal } = around
  if (options.json) {
    return terminal.print(
      JSON.stringify({ token: text, grant: hex(grant.order.id), uses: wish.uses, expiresAtMs }),
    )
  }
  terminal.say(`good for ${wish.uses} device(s) until ${new Date(expiresAtMs).toISOString()}; on each run:`)
  terminal.say('  backstay-agent enroll TOKEN')
  terminal.print(text)
}

function wantsPolicy(options: TokenOptions): boolean {
  return options.root !== undefined || options.exclude !== undefined
}

/** Pins of all genuine collectors, each once; a token has room for eight. */
function pinsOf({ trust }: AdminSession) {
  const pins = trust.document.collectors.flatMap(collector => collector.spkiPins)
  const once = new Map(pins.map(pin => [hex(pin), pin]))
  return [...once.values()].slice(0, 8)
}

function requireUrls(urls: readonly string[]): void {
  if (urls.length > urlsMax) throw new Failure('bad_url', `${urls.length} addresses are more than ${urlsMax}`)
  const wrong = urls.find(url => !isCollectorUrl(url))
  if (wrong !== undefined) throw new Failure('bad_url', `"${wrong}" is not of the form wss://host:port`)
}
