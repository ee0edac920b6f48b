import type { Terminal } from '@backstay/proto/command-line'
import type { Command } from 'commander'
import { requireIdentity, type Surroundings, surroundings } from '../agent.ts'
import { type KeychainKind, keptTexts, keychainKind, keychainKinds } from '../keys/keychain-kind.ts'
import { type MovedKeys, movedKeys } from '../keys/moved-keys.ts'
import { askOwner } from '../local/ask-owner.ts'
import { ownState } from '../local/local.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'

interface Options extends CommonOptions {
  readonly to?: string
}

export function addKeys(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('keys'))
    .description('say where the keys of this device lie, or put them elsewhere')
    .option('--to <kind>', `move them: ${keychainKinds.join(', ')}`)
    .action(async (options: Options) => {
      const to = options.to === undefined ? undefined : keychainKind(options.to)
      const around = surroundings(stateOf(options))
      // A running agent moves its own: it alone may have the credential of its unit.
      const running = (await askOwner(around.state, { ask: 'keys', to })) as MovedKeys | undefined
      const told = running ?? (await moveAlone(around, to))
      if (options.json) return terminal.print(JSON.stringify(told))
      terminal.print(`keys: ${keptTexts[told.keychain]}`)
      if (told.copies === undefined) return
      terminal.print(`copies may still lie ${keptTexts[told.copies]}: they could not be removed`)
      terminal.print('next: backstay-agent keys, which tries it again')
    })
}

async function moveAlone(around: Surroundings, to: KeychainKind | undefined): Promise<MovedKeys> {
  const identity = await requireIdentity(around)
  await using _ = await ownState(around.state)
  return await movedKeys({ ...around, identity }, to)
}
