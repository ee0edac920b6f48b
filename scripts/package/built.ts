/** A program as `npm run build` made it for one platform. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '@backstay/proto/failure'

export interface Built {
  readonly name: string
  /** `linux-x64` … */
  readonly target: string
  readonly version: string
  readonly folder: string
  /** The executable and what it loads from beside itself: names in `folder`. */
  readonly programFiles: readonly string[]
}

/** What is told to people and to auditors, and no program reads. */
export const documents = ['LICENSE', 'THIRD-PARTY-NOTICES.txt', 'sbom.cdx.json'] as const

/** Throws `not_built`. */
export function builtProgram(from: string, target: string, name: string): Built {
  const folder = join(from, target, name)
  if (![name, `${name}.exe`].some(file => existsSync(join(folder, file)))) {
    throw new Failure('not_built', `"${folder}" holds no ${name}`, {
      hint: `run: npm run build -- --targets ${target}`,
    })
  }
  const programFiles = readdirSync(folder)
    .filter(file => !documents.some(document => document === file))
    .sort()
  return { name, target, version: versionOf(folder), folder, programFiles }
}

function versionOf(folder: string): string {
  const bill = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')) as {
    readonly metadata: { readonly component: { readonly version: string } }
  }
  return bill.metadata.component.version
}
