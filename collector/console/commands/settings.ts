/** `backstay settings`: the mail server of the collector, the address in its mails, the daily digest. The owner's key of the kit decides. */

import { Failure } from '@backstay/proto/failure'
import type { CollectorSettings, SettingsChange } from '@backstay/proto/rest/alerts'
import { Command, Option } from 'commander'
import { collect } from '../backup-set.ts'
import type { CollectorRest } from '../collector-rest.ts'
import { type CommonOptions, type KitOption, wholeNumber, withCommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { findChannel, firstLine, within } from './alerts.ts'
import { withKit } from './people.ts'

interface ChangeOptions extends CommonOptions, KitOption {
  readonly publicUrl?: string
  readonly mailHost?: string
  readonly mailPort?: string
  readonly mailSecurity?: 'starttls' | 'tls' | 'none'
  readonly mailUser?: string
  readonly mailPasswordFile?: string
  readonly mailFrom?: string
  readonly mail: boolean
  readonly digest?: 'on' | 'off'
  readonly digestHour?: string
  readonly digestChannel?: readonly string[]
}

export function settingsCommand(around: Surroundings): Command {
  const command = new Command('settings').description(
    'mail server, daily digest and address of the collector',
  )
  const show = withCommonOptions(new Command('show'))
    .description('how they are')
    .action((options: CommonOptions) =>
      within(around, options, async rest => told(await rest.get<CollectorSettings>('/settings'))),
    )
  const change = withKit(new Command('change'))
    .description('what is left out stays')
    .option('--public-url <url>', 'for links in mails; "none" takes it away')
    .option('--mail-host <name>', 'the mail server')
    .option('--mail-port <number>', 'its port (a new one: 587)')
    .addOption(
      new Option('--mail-security <how>', 'a new one: starttls').choices(['starttls', 'tls', 'none']),
    )
    .option('--mail-user <name>', 'who signs in there')
    .option('--mail-password-file <file>', 'its first line')
    .option('--mail-from <address>', 'the sender')
    .option('--no-mail', 'send no mail any more')
    .addOption(new Option('--digest <word>', 'the signed daily digest').choices(['on', 'off']))
    .option('--digest-hour <number>', "by the collector's clock")
    .option('--digest-channel <name>', 'through this channel; may be given several times', collect)
    .action((options: ChangeOptions) =>
      within(around, options, async rest => {
        const before = await rest.get<CollectorSettings>('/settings')
        return told(
          await rest.send<CollectorSettings>('PATCH', '/settings', await bodyOf(rest, before, options)),
        )
      }),
    )
  return command.addCommand(show, { isDefault: true }).addCommand(change)
}

async function bodyOf(
  rest: CollectorRest,
  before: CollectorSettings,
  options: ChangeOptions,
): Promise<SettingsChange> {
  const { publicUrl, digest, digestHour, digestChannel } = options
  const channels: string[] = []
  for (const name of digestChannel ?? []) channels.push((await findChannel(rest, name)).id)
  const isDigest = digest !== undefined || digestHour !== undefined || digestChannel !== undefined
  const mail = options.mail ? await mailOf(before, options) : null
  const through = digestChannel === undefined ? before.digest.channels : channels
  if (digest === 'on' && through.length === 0)
    throw new Failure('bad_choice', 'a daily digest that goes through no channel reaches nobody', {
      hint: 'add --digest-channel NAME; which there are: backstay alerts channels',
    })
  return {
    ...(publicUrl !== undefined && { publicUrl: publicUrl === 'none' ? null : publicUrl }),
    ...(mail !== undefined && { mail }),
    ...(isDigest && {
      digest: {
        enabled: digest === undefined ? before.digest.enabled : digest === 'on',
        hour: digestHour === undefined ? before.digest.hour : wholeNumber('--digest-hour', digestHour, 0, 23),
        channels: through,
      },
    }),
  }
}

/** Undefined: nothing about it was said. */
async function mailOf(
  { mail }: CollectorSettings,
  options: ChangeOptions,
): Promise<NonNullable<SettingsChange['mail']> | undefined> {
  const { mailHost, mailPort, mailSecurity, mailUser, mailPasswordFile, mailFrom } = options
  const said = [mailHost, mailPort, mailSecurity, mailUser, mailPasswordFile, mailFrom]
  if (said.every(one => one === undefined)) return undefined
  const [host, from] = [mailHost ?? mail?.host, mailFrom ?? mail?.from]
  if (host === undefined || from === undefined)
    throw new Failure('bad_choice', 'a mail server takes --mail-host and --mail-from')
  const user = mailUser ?? mail?.user
  return {
    ...{ host, from, security: mailSecurity ?? mail?.security ?? 'starttls' },
    port: mailPort === undefined ? (mail?.port ?? 587) : wholeNumber('--mail-port', mailPort, 1, 65_535),
    ...(user !== undefined && { user }),
    ...(mailPasswordFile !== undefined && { password: await firstLine(mailPasswordFile) }),
  }
}

function told(now: CollectorSettings): [unknown, string] {
  const { publicUrl, mail, digest } = now
  const server =
    mail === undefined
      ? 'no mail server: nothing goes out by mail'
      : `mail goes out by ${mail.host}:${mail.port} (${mail.security}${mail.user === undefined ? '' : `, as ${mail.user}`}) from ${mail.from}`
  return [
    now,
    [
      server,
      digest.enabled
        ? `a signed digest goes out daily at ${digest.hour} through ${digest.channels.length} channel(s): its absence is the alarm`
        : 'no daily digest',
      publicUrl === undefined ? 'mails have no links' : `links in mails lead to ${publicUrl}`,
    ].join('\n'),
  ]
}
