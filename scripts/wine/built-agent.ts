/** The agent for Windows as `npm run build` and `npm run package` make it, in a copy that wine can run. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../release/programs.ts'
import { copyForWine } from './windows-node.ts'

/** Two versions, so that one can follow the other. */
export const versions = ['0.1.0', '0.2.0'] as const
export type Version = (typeof versions)[number]

const folderOf = (version: Version): string => join(top, '.cache/wine/build', version)

/** The folder of the executable. */
export const builtAgent = (version: Version = '0.1.0'): string =>
  join(folderOf(version), 'win-x64/backstay-agent')

/** The folder of the packages, which the key signed. */
export const signedPackages = (version: Version): string => join(folderOf(version), 'packages')
export const packagedAgent = (version: Version): string =>
  join(signedPackages(version), `backstay-agent_${version}_x64.msi`)

const releaseKey = join(top, '.cache/wine/release.key')

/** Once for all stories. */
export function buildForWine(): void {
  if (!existsSync(releaseKey)) run('release/build.ts', '--make-key', releaseKey)
  const signed = ['--key', releaseKey]
  for (const version of versions) {
    const to = folderOf(version)
    const chosen = ['--targets', 'win-x64']
    const words = ['--programs', 'backstay-agent', '--version', version, '--to', to]
    run('release/build.ts', ...chosen, ...words, ...signed)
    const program = join(builtAgent(version), 'backstay-agent.exe')
    copyForWine(program, program)
    run(
      'package/package.ts',
      ...chosen,
      '--formats',
      'msi',
      '--products',
      'backstay-agent',
      '--from',
      to,
      '--fast',
      ...signed,
    )
    if (!existsSync(packagedAgent(version))) throw new Error(`"${packagedAgent(version)}" was not made`)
  }
}

function run(script: string, ...words: readonly string[]): void {
  execFileSync(process.execPath, [join(top, 'scripts', script), ...words], {
    cwd: top,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
