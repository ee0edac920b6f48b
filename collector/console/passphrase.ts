/** Where the passphrase of the admin key comes from: a file, the environment, or a person. */

import { readNamedFile } from '@backstay/agent/commands/named-file'
import { Failure } from '@backstay/proto/failure'
import type { Surroundings } from './surroundings.ts'

const fileBytesMax = 4096

export interface PassphraseOptions {
  /** Its first line is the passphrase. */
  readonly passphraseFile?: string | undefined
}

/** Undefined when neither file nor environment names one. Throws `no_file`, `bad_passphrase`. */
export async function givenPassphrase(
  around: Surroundings,
  options: PassphraseOptions,
): Promise<string | undefined> {
  if (options.passphraseFile !== undefined) return fromFile(options.passphraseFile)
  const value = around.environment.BACKSTAY_PASSPHRASE
  return value === undefined || value === '' ? undefined : value
}

/** Asks when it was not given otherwise. Throws `passphrase_missing` when there is nobody to ask. */
export async function passphraseFor(
  around: Surroundings,
  options: PassphraseOptions,
  what: string,
): Promise<string> {
  const given = await givenPassphrase(around, options)
  if (given !== undefined) return given
  if (!around.terminal.interactive) {
    throw new Failure(
      'passphrase_missing',
      `the passphrase of ${what} is needed, and nobody is here to type it`,
      {
        hint: 'give it with --passphrase-file FILE or in BACKSTAY_PASSPHRASE',
      },
    )
  }
  return around.terminal.ask(`passphrase of ${what}: `, { hidden: true })
}

async function fromFile(path: string): Promise<string> {
  const text = await readNamedFile(path, 'passphrase file', fileBytesMax)
  const [line = ''] = text.split(/\r?\n/, 1)
  if (line === '') throw new Failure('bad_passphrase', `the first line of passphrase file "${path}" is empty`)
  return line
}
