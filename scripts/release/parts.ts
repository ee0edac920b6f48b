/** What went into a program: its packages with their licences, as a bill of materials (CycloneDX 1.6) and as notices for people. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import { lockedPackage, packageFolder } from './packages.ts'
import { top } from './programs.ts'

export interface Part {
  readonly name: string
  readonly version: string
  /** SPDX expression. */
  readonly licence: string
  /** The whole text that its makers want to be passed on. */
  readonly text: string
  /** `sha512-…` of the package as it was published. */
  readonly integrity: string
  readonly address?: string
}

interface Manifest {
  readonly version: string
  readonly license?: string
  readonly homepage?: string
  readonly author?: string | { readonly name: string }
}

/** `inputs`: files from the top of the repository. Sorted by name. */
export function partsOf(inputs: Iterable<string>, more: readonly string[]): readonly Part[] {
  const names = new Set(more)
  for (const input of inputs) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(input)?.[1]
    if (name !== undefined && !name.startsWith('@backstay/')) names.add(name)
  }
  return [...names].sort().map(part)
}

function part(name: string): Part {
  const folder = packageFolder(name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  return {
    name,
    version: manifest.version,
    licence: manifest.license ?? 'NOASSERTION',
    text: licenceText(folder, name, manifest),
    integrity: lockedPackage(name).integrity,
    ...(manifest.homepage !== undefined && { address: manifest.homepage }),
  }
}

const licenceFiles = /^(licen[cs]e|copying|notice)(\.|-|$)/i

function licenceText(folder: string, name: string, manifest: Manifest): string {
  const { license: licence = 'NOASSERTION', author } = manifest
  const maker = typeof author === 'object' ? author.name : (author ?? 'its authors')
  const own = readdirSync(folder)
    .filter(file => licenceFiles.test(file))
    .sort()
  const read = own.map(file => readFileSync(join(folder, file), 'utf8').trim())
  if (read.length > 0) return read.join('\n\n')
  // A package of one platform has no text of its own: that of the package it belongs to.
  const parent = { '@koromix': 'koffi', '@napi-rs': '@napi-rs/keyring' }[name.split('/')[0] ?? '']
  if (parent !== undefined && parent !== name) return licenceText(packageFolder(parent), parent, manifest)
  const known = [`${name.replace('/', '+')}.txt`, `${licence}.txt`].map(file =>
    join(top, 'scripts/release/licences', file),
  )
  const text = known.find(file => existsSync(file))
  if (text !== undefined)
    return `By ${maker}. The package brings no text of its licence, ${licence}, which is:\n\n${readFileSync(text, 'utf8').trim()}`
  throw new Failure('no_licence_text', `the package ${name} has no file with its licence`, {
    hint: `put the text of its makers into "${known[0]}"`,
  })
}

export function notices(program: string, version: string, parts: readonly Part[]): string {
  const rule = '-'.repeat(80)
  const one = ({ name, version, licence, text }: Part) =>
    `${rule}\n${name} ${version} (${licence})\n\n${text}\n`
  return `${program} ${version} holds the following works of others.\n\n${parts.map(one).join('\n')}`
}

/** CycloneDX 1.6 without a serial number and a time, so that the same release gives the same bytes. */
export function billOfMaterials(program: string, version: string, parts: readonly Part[]): string {
  const reference = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`
  const own = `pkg:generic/${program}@${version}`
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        ...{ type: 'application', 'bom-ref': own, name: program, version, purl: own },
        licenses: [{ expression: 'Apache-2.0' }],
      },
    },
    components: parts.map(part => ({
      type: part.name.startsWith('node-') ? 'platform' : 'library',
      'bom-ref': reference(part.name, part.version),
      name: part.name,
      version: part.version,
      purl: reference(part.name, part.version),
      licenses: [{ expression: part.licence }],
      hashes: [
        {
          alg: 'SHA-512',
          content: Buffer.from(part.integrity.slice('sha512-'.length), 'base64').toString('hex'),
        },
      ],
      ...(part.address !== undefined && { externalReferences: [{ type: 'website', url: part.address }] }),
    })),
    dependencies: [
      { ref: own, dependsOn: parts.map(part => reference(part.name, part.version)) },
      ...parts.map(part => ({ ref: reference(part.name, part.version) })),
    ],
  }
  return `${JSON.stringify(bill, undefined, 2)}\n`
}
