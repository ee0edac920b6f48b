/**
 * What mingw's compiler puts into the programs that it makes: its start-up code, and libgcc. They are named in the package's bill
 * of materials and in its notices beside what the agent itself is made of.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../release/programs.ts'
import { type Making, runTool } from './making.ts'

interface CompilerPart {
  readonly name: string
  readonly version: string
  /** SPDX expression. */
  readonly licence: string
  readonly address: string
}

interface Bill {
  readonly metadata: { readonly component: { readonly 'bom-ref': string } }
  readonly components?: readonly object[]
  readonly dependencies?: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}

const compiler = 'x86_64-w64-mingw32-gcc'

/** Adds them to the documents in `folder`. */
export function nameCompilerParts(folder: string, making: Making): void {
  const parts = compilerParts(making)
  const bill = join(folder, 'sbom.cdx.json')
  writeFileSync(bill, withParts(readFileSync(bill, 'utf8'), parts))
  const notices = join(folder, 'THIRD-PARTY-NOTICES.txt')
  writeFileSync(notices, `${readFileSync(notices, 'utf8')}\n${parts.map(noticeOf).join('\n')}`)
}

function compilerParts(making: Making): readonly CompilerPart[] {
  const asked = new TextEncoder().encode('#include <_mingw.h>\nversion __MINGW64_VERSION_STR\n')
  const said = runTool(compiler, ['-E', '-P', '-'], making, asked).toString()
  // Its three numbers, each in quotes.
  const runtime = (/^version (.+)$/m.exec(said)?.[1] ?? '').replace(/[" ]/g, '')
  const gcc = runTool(compiler, ['-dumpfullversion'], making).toString().trim()
  return [
    { name: 'mingw-w64', version: runtime, licence: 'ZPL-2.1', address: 'https://www.mingw-w64.org/' },
    {
      ...{ name: 'libgcc', version: gcc, address: 'https://gcc.gnu.org/' },
      licence: 'GPL-3.0-or-later WITH GCC-exception-3.1',
    },
  ]
}

function withParts(text: string, parts: readonly CompilerPart[]): string {
  const bill = JSON.parse(text) as Bill
  const own = bill.metadata.component['bom-ref']
  const references = parts.map(referenceOf)
  const { components = [], dependencies = [] } = bill
  const added = parts.map(part => ({
    ...{ type: 'library', 'bom-ref': referenceOf(part), name: part.name, version: part.version },
    ...{ purl: referenceOf(part), licenses: [{ expression: part.licence }] },
    externalReferences: [{ type: 'website', url: part.address }],
  }))
  const amended = {
    ...bill,
    components: [...components, ...added],
    dependencies: [
      ...dependencies.map(one =>
        one.ref === own ? { ...one, dependsOn: [...(one.dependsOn ?? []), ...references] } : one,
      ),
      ...references.map(ref => ({ ref })),
    ],
  }
  return `${JSON.stringify(amended, undefined, 2)}\n`
}

const referenceOf = ({ name, version }: CompilerPart): string => `pkg:generic/${name}@${version}`

function noticeOf({ name, version, licence }: CompilerPart): string {
  const text = readFileSync(join(top, 'scripts/release/licences', `${name}.txt`), 'utf8').trim()
  return `${'-'.repeat(80)}\n${name} ${version} (${licence})\n\n${text}\n`
}
