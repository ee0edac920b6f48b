/** The packages under test, as `npm run test:install` made them: two versions of one build of this working tree. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { productVersion } from '@backstay/proto/product-version'
import { top } from '../release/programs.ts'

export interface Release {
  readonly version: string
  /** What `npm run build` made. */
  readonly built: string
  /** What `npm run package` made of it. */
  readonly packages: string
}

/** Of both: agents that were installed from the first believe the second by it. */
export const releaseKeyFile = join(top, '.cache/install/release.key')

export const first = releaseOf(productVersion)
export const second = releaseOf(nextOf(productVersion))

/** The agent for arm64 alone. */
export const arm64 = releaseOf(productVersion, 'arm64')

function releaseOf(version: string, folder = version): Release {
  const built = join(top, '.cache/install/releases', folder)
  return { version, built, packages: join(built, 'packages') }
}

function nextOf(version: string): string {
  const [major, minor, patch] = version.split('.').map(Number)
  return `${major}.${minor}.${(patch ?? 0) + 1}`
}

/** For a story that is run by itself. */
export function needPackages(): void {
  if (existsSync(second.packages)) return
  throw new Error('the packages under test are not made: run npm run test:install once')
}
