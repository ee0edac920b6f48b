/** `backstay hosted-keys`: whether keys may be opened in the page that the collector serves. */
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { readOwnerFile } from '../kit-file.ts'
import { type CommonOptions, withCommonOptions, withOwnerPaper } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { sayChanged, signTrustChange } from '../trust/sign-trust-change.ts'

interface ChangeOptions extends CommonOptions {
  readonly kit: string
  readonly yes?: boolean
}

export function hostedKeysCommand(around: Surroundings): Command {
  const command = new Command('hosted-keys').description(
    'whether keys may be opened in the page of the collector, which is trusted then',
  )
  const show = new Command('show').description('whether they may')
  withCommonOptions(show).action((options: CommonOptions) => showNow(around, options))
  const allow = withOwnerPaper(new Command('allow'))
    .description('let them be opened there: says first what that costs')
    .action((options: ChangeOptions) => change(around, options, true))
  const forbid = withOwnerPaper(new Command('forbid'))
    .description('let them be opened there no longer')
    .action((options: ChangeOptions) => change(around, options, false))
  return command.addCommand(show, { isDefault: true }).addCommand(allow).addCommand(forbid)
}

async function showNow(around: Surroundings, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const { hostedKeys } = session.trust.document.flags
  const text = hostedKeys
    ? 'keys may be opened in the page of the collector: whoever controls it could take them'
    : 'keys are opened on your own machine alone: backstay console'
  around.terminal.print(options.json ? JSON.stringify({ hostedKeys }) : text)
}

async function change(around: Surroundings, options: ChangeOptions, allowed: boolean): Promise<void> {
  const kit = await readOwnerFile(options.kit)
  await using session = await openAdminSession(around, options)
  const changed = await signTrustChange(around, session, {
    ...options,
    change: { kind: 'hosted-keys', allowed },
    kit,
  })
  const { version, isProposed } = changed
  if (options.json) around.terminal.print(JSON.stringify({ version, isProposed, hostedKeys: allowed }))
  else sayChanged(around, changed)
}
