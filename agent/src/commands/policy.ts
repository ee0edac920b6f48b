import { hex } from '@backstay/proto/bytes'
import type { Terminal } from '@backstay/proto/command-line'
import type { Source } from '@backstay/proto/policy/effective'
import { settingText } from '@backstay/proto/policy/setting-text'
import type { Command } from 'commander'
import { surroundings } from '../agent.ts'
import { policyAlarms } from '../policy/alarms.ts'
import { obeyedNow } from '../policy/obeyed-now.ts'
import { type CommonOptions, stateOf, withCommonOptions } from './options.ts'
import { tableText } from './text.ts'

export function addPolicy(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('policy'))
    .description('show what this device obeys, and which layer of the policy says it')
    .action(async (options: CommonOptions) => {
      const around = surroundings(stateOf(options))
      const { clock } = around
      const obedience = await obeyedNow(around)
      const { policy, standing } = obedience
      const settings = [...policy.settings].map(([key, { setting, source, heldBack }]) => ({
        setting: key,
        value: settingText(setting),
        source: sourceText(source),
        locked: setting.locked,
        heldBack: heldBack.map(sourceText),
      }))
      const alarms = policyAlarms(obedience, clock.now())
      if (options.json) {
        const layers = policy.layers.map(sourceText)
        return terminal.print(JSON.stringify({ standing: hex(standing), layers, settings, alarms }))
      }
      for (const { message } of alarms) terminal.say(`warning: ${message}`)
      if (settings.length === 0) return terminal.print('no layer of the policy reaches this device')
      const rows = settings.map(one => [
        one.setting,
        one.value,
        `${one.source}${one.locked ? ', locked' : ''}${one.heldBack.length > 0 ? `, against ${one.heldBack.join(', ')}` : ''}`,
      ])
      terminal.print(tableText(['setting', 'value', 'from'], rows))
    })
}

function sourceText({ layer, name }: Source): string {
  return layer === 'group' ? `group "${name}"` : layer
}
