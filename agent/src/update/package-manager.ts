/** How this agent came onto the machine, and how the system installs a newer one. */
import { execFile, spawn } from 'node:child_process'
import { win32 } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import type { PackageFormat } from '@backstay/proto/trust/release'

export interface PackageManager {
  readonly format: PackageFormat
  /** Resolves when it is installed. Throws `not_installed` with what the system's program said last. */
  install(file: string): Promise<void>
  /** Does what an installation that was cut off left undone, if there is such. Throws as `install`. */
  finish(): Promise<void>
}

type Words = readonly [string, ...string[]]

interface Known {
  readonly format: PackageFormat
  readonly platform: NodeJS.Platform
  /** Ends with 0 when it owns the program. */
  readonly owns: (program: string) => Words
  readonly installs: (file: string) => Words
  /** Codes beside 0 with which it ends when all is well. */
  readonly alsoGood?: readonly number[]
  /** Where it writes what it does, when it is told to. */
  readonly log?: (file: string) => string
  /** What it is asked whether something is undone, its answer when nothing is, and what does it. */
  readonly undone?: { readonly asks: Words; readonly none: string; readonly finishes: Words }
}

/** Nobody is there to be asked: a setting that somebody changed stays, and the new one lies beside it as `….dpkg-dist`. */
const keepSettings = ['--force-confdef', '--force-confold']

/** In the state folder: the one of the package is gone afterwards. */
const installerLog = (file: string): string => win32.resolve(file, '../../update-install.log')

/** Only what the system ships, by its full path: nobody's PATH has a say. */
export const known: readonly Known[] = [
  {
    format: 'deb',
    platform: 'linux',
    owns: program => ['/usr/bin/dpkg-query', '--search', program],
    installs: file => ['/usr/bin/dpkg', ...keepSettings, '--install', file],
    undone: {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own way to name a field.
      asks: ['/usr/bin/dpkg-query', '--show', '--showformat=${db:Status-Status}', 'backstay-agent'],
      none: 'installed',
      finishes: ['/usr/bin/dpkg', ...keepSettings, '--configure', 'backstay-agent'],
    },
  },
  {
    format: 'rpm',
    platform: 'linux',
    owns: program => ['/usr/bin/rpm', '--query', '--file', program],
    // One that was cut off may stand in rpm's books, with the old version still in use.
    installs: file => ['/usr/bin/rpm', '--upgrade', '--replacepkgs', file],
  },
  {
    format: 'msi',
    platform: 'win32',
    // As it is named in installers/msi.
    owns: () => [String.raw`C:\Windows\System32\sc.exe`, 'query', 'BackstayAgent'],
    installs: file => [
      String.raw`C:\Windows\System32\msiexec.exe`,
      ...['/i', file, '/qn', '/norestart', '/l*', installerLog(file)],
    ],
    // Installed, and Windows wants to be restarted, or is about to be: for what else it put off. This product asks for none.
    alsoGood: [3010, 1641],
    log: installerLog,
  },
  {
    format: 'pkg',
    platform: 'darwin',
    owns: program => ['/usr/sbin/pkgutil', '--file-info', program],
    installs: file => ['/usr/sbin/installer', '-pkg', file, '-target', '/'],
  },
]

/** Throws `no_package_manager` when no package of this system holds `program`. */
export async function packageManagerOf(
  program: string,
  platform: NodeJS.Platform = process.platform,
  managers: readonly Known[] = known,
): Promise<PackageManager> {
  for (const one of managers) {
    const { format, platform: system, owns, installs, undone, alsoGood, log } = one
    if (system !== platform || (await answerOf(owns(program))) === undefined) continue
    return {
      format,
      install: file => run(installs(file), alsoGood, log?.(file)),
      async finish() {
        if (undone === undefined) return
        const said = await answerOf(undone.asks)
        if (said !== undefined && said !== undone.none) await run(undone.finishes)
      },
    }
  }
  throw new Failure('no_package_manager', `"${program}" was not installed by a package of this system`, {
    hint: 'install the new release the way this one was installed',
  })
}

/** Undefined: it did not end with 0. */
function answerOf([program, ...words]: Words): Promise<string | undefined> {
  return new Promise(resolve => {
    const answers = 10_000
    execFile(program, words, { timeout: answers, windowsHide: true }, (error, said) =>
      resolve(error === null ? said.trim() : undefined),
    )
  })
}

/** The package ends and starts the service that may have begun this: so it is not ended with us. */
function run([program, ...words]: Words, alsoGood: readonly number[] = [], log?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500)
    })
    const fail = (why: string, cause?: unknown) =>
      reject(
        new Failure('not_installed', `"${program}" did not install it: ${why}`, {
          hint: log === undefined ? 'see its own log' : `see "${log}"`,
          cause,
        }),
      )
    child.once('error', error => fail(error.message, error))
    child.once('close', code => {
      if (code !== null && [0, ...alsoGood].includes(code)) resolve()
      else fail(said.trim() || `it ended with ${code}`)
    })
  })
}
