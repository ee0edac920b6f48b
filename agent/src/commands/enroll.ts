import { hostname } from 'node:os'
import type { Terminal } from '@backstay/proto/command-line'
import type { Command } from 'commander'
import { type Surroundings, surroundings } from '../agent.ts'
import { enrollHere } from '../enrolment/enroll-here.ts'
import type { DeviceIdentity } from '../keys/identity.ts'
import type { KeychainKind } from '../keys/keychain-kind.ts'
import { askOwner } from '../local/ask-owner.ts'
import { ownState } from '../local/local.ts'
import { keychainHelp, keychainOf } from './keychain-option.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'

interface Options extends CommonOptions {
  readonly name?: string
  readonly keychain?: string
}

type Enrolled = Pick<DeviceIdentity, 'device' | 'fleet'> & { readonly keychain?: KeychainKind }

export function addEnroll(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('enroll'))
    .description('make this device a member of a fleet')
    .argument('<token>', 'what `backstay token` printed')
    .option('--name <name>', 'what the fleet calls this device (default: its host name)')
    .option('--keychain <kind>', keychainHelp)
    .action(async (token: string, options: Options) => {
      const { name = hostname() } = options
      const keychain = keychainOf(options)
      const around = surroundings(stateOf(options), keychain)
      // An agent that waits for a token takes this one, and protects the device from then on.
      const question = { ask: 'enroll', token, name, keychain } as const
      const running = (await askOwner(around.state, question)) as Enrolled | undefined
      const { device, fleet } = running ?? (await enrollAlone(around, token, name, keychain))
      if (options.json) terminal.print(JSON.stringify({ device, fleet, name, state: around.state }))
      else {
        terminal.print(`enrolled "${name}" as device ${device}`)
        // An older agent does not hear which was asked for.
        if (running !== undefined && keychain !== undefined && running.keychain !== keychain)
          terminal.print(`its keys lie elsewhere; to move them: backstay-agent keys --to ${keychain}`)
        terminal.print(`next: backstay-agent ${running === undefined ? 'backup' : 'status'}`)
      }
    })
}

async function enrollAlone(
  around: Surroundings,
  token: string,
  name: string,
  keychain: KeychainKind | undefined,
): Promise<DeviceIdentity> {
  await using _ = await ownState(around.state)
  return await enrollHere(around, { token, name, keychain })
}
