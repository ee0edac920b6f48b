/**
 * A token that an MDM gives a Mac by a profile: a preference that it forces, which lies where only the system writes. Every user
 * of that Mac can read it there and nobody can remove it but the MDM, so a token in a profile has few uses and days.
 */
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { Failure } from '@backstay/proto/failure'

export const preferencesDomain = 'org.backstay.agent'
export const tokenKey = 'EnrollmentToken'
export const preferencesFile = `/Library/Managed Preferences/${preferencesDomain}.plist`

export interface PreferencesSystem {
  /** Undefined when there is no such file. */
  facts(path: string): Promise<{ readonly uid: number; readonly mode: number } | undefined>
  /** What a program of the system prints; undefined when it does not end with 0. */
  ask(program: string, words: readonly string[]): Promise<string | undefined>
}

const othersMayWrite = 0o022
const answersMs = 10_000

/** Undefined when no profile gives one. Throws `token_unsafe` when others than root may have written it. */
export async function managedToken(system: PreferencesSystem = thisMac): Promise<string | undefined> {
  const facts = await system.facts(preferencesFile)
  if (facts === undefined) return undefined
  if (facts.uid !== 0 || (facts.mode & othersMayWrite) !== 0) {
    throw new Failure(
      'token_unsafe',
      `the token in "${preferencesFile}" is not used: others may write there`,
      {
        remedy: 'repair',
        hint: 'an MDM writes this file for root alone; take it away and hand the profile out again',
      },
    )
  }
  // The file is binary as a rule. `raw`: since macOS 12.
  const words = ['-extract', tokenKey, 'raw', '-expect', 'string', '-o', '-', preferencesFile]
  return (await system.ask('/usr/bin/plutil', words))?.trim() || undefined
}

const thisMac: PreferencesSystem = {
  async facts(path) {
    try {
      return await stat(path)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  },
  ask: (program, words) =>
    new Promise(resolve => {
      execFile(program, words, { timeout: answersMs }, (error, said) =>
        resolve(error === null ? said : undefined),
      )
    }),
}
