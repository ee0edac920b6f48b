/** How this agent came onto the machine, and how the system installs a newer one. */
import { execFile, spawn } from 'node:child_process'
import { Failure } from '@backstay/proto/failure'
import type { PackageFormat } from '@backstay/proto/trust/release'

export interface PackageManager {
  readonly format: PackageFormat
  /** Resolves when it is installed. Throws `not_installed` with what the system's program said last. */
  install(file: string): Promise<void>
}

interface Known {
  readonly format: PackageFormat
  readonly platform: NodeJS.Platform
  /** Ends with 0 when it owns the program. */
  readonly owns: (program: string) => readonly [string, ...string[]]
  readonly installs: (file: string) => readonly [string, ...string[]]
}

/** Only what the system ships, by its full path: nobody's PATH has a say. */
export const known: readonly Known[] = [
  {
    format: 'deb',
    platform: 'linux',
    owns: program => ['/usr/bin/dpkg-query', '--search', program],
    installs: file => ['/usr/bin/dpkg', '--install', file],
  },
  {
    format: 'rpm',
    platform: 'linux',
    owns: program => ['/usr/bin/rpm', '--query', '--file', program],
    installs: file => ['/usr/bin/rpm', '--upgrade', file],
  },
  {
    format: 'msi',
    platform: 'win32',
    owns: () => [String.raw`C:\Windows\System32\sc.exe`, 'query', 'backstay-agent'],
    installs: file => [String.raw`C:\Windows\System32\msiexec.exe`, '/i', file, '/qn', '/norestart'],
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
  for (const { format, platform: system, owns, installs } of managers) {
    if (system !== platform || !(await endsWell(owns(program)))) continue
    return { format, install: file => run(installs(file)) }
  }
  throw new Failure('no_package_manager', `"${program}" was not installed by a package of this system`, {
    hint: 'install the new release the way this one was installed',
  })
}

function endsWell([program, ...words]: readonly [string, ...string[]]): Promise<boolean> {
  return new Promise(resolve => {
    const answers = 10_000
    execFile(program, words, { timeout: answers, windowsHide: true }, error => resolve(error === null))
  })
}

/** The package ends and starts the service that may have begun this: so it is not ended with us. */
function run([program, ...words]: readonly [string, ...string[]]): Promise<void> {
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
          hint: 'see its own log',
          cause,
        }),
      )
    child.once('error', error => fail(error.message, error))
    child.once('close', code => (code === 0 ? resolve() : fail(said.trim() || `it ended with ${code}`)))
  })
}
