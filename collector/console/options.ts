/** Options that all commands of an admin share. */

import { utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { isPrintable } from '@backstay/proto/trust/fields'
import { nameBytesMax } from '@backstay/proto/trust/key-fields'
import type { Command } from 'commander'
import type { AdminOptions } from './admin.ts'

export interface CommonOptions extends AdminOptions {
  readonly json?: boolean
}

export interface KitOption {
  readonly kit?: string
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--admin <dir>', 'your folder (default: ~/.config/backstay)')
    .option('--passphrase-file <file>', 'its first line is the passphrase of your key')
    .option('--json', 'print the result as JSON')
}

/** For what an owner signs. */
export function withOwnerPaper(command: Command): Command {
  return withCommonOptions(command)
    .requiredOption(
      '--kit <file>',
      'the recovery kit, or the paper of an owner: its saved page, or its lines as text',
    )
    .option('--yes', 'do not ask')
}

/** A whole number in range; throws `bad_number`. */
export function wholeNumber(what: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value
  throw new Failure('bad_number', `${what} must be a whole number from ${min} to ${max}, not "${text}"`)
}

/** What people write for people; empty when they write nothing. Throws `bad_name`. */
export function requireText(what: string, text: string): void {
  if (utf8(text).length <= nameBytesMax && isPrintable(text)) return
  throw new Failure('bad_name', `${what} must have at most ${nameBytesMax} printable bytes`)
}
