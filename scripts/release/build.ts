// Makes a release in build/: executables for every platform, what is in them, sums and a signature.
//   npm run build [-- --targets linux-x64,win-x64 --programs backstay-agent --key FILE --version X.Y.Z --to FOLDER]
//   npm run build -- --make-key FILE
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Failure } from '@backstay/proto/failure'
import { productVersion } from '@backstay/proto/product-version'
import { buildConsole } from '../build-console.ts'
import { needPinnedNode } from '../needs.ts'
import { type Bundled, bundle } from './bundle.ts'
import { chosen, tellingFailures } from './choosing.ts'
import { makeExecutable } from './executable.ts'
import { billOfMaterials, notices, partsOf } from './parts.ts'
import { type Program, programs, type Target, targets, top } from './programs.ts'
import { makeReleaseKey, publicHalf, publicKeyFile, releaseKey, writeSums } from './sums.ts'

interface Wishes {
  readonly targets: readonly Target[]
  readonly programs: readonly Program[]
  readonly version: string
  readonly keyFile: string | undefined
  readonly folder: string
}

needPinnedNode()
await tellingFailures(async () => {
  const { values } = parseArgs({
    options: {
      targets: { type: 'string' },
      programs: { type: 'string' },
      version: { type: 'string', default: productVersion },
      key: { type: 'string' },
      to: { type: 'string', default: join(top, 'build') },
      'make-key': { type: 'string' },
    },
  })
  const keyFile = values['make-key']
  if (keyFile !== undefined) {
    console.log(makeReleaseKey(keyFile))
    console.log(
      `the private half is in ${keyFile}: keep it off this machine, and lose neither it nor its copies`,
    )
  } else {
    await release({
      targets: chosen('target', targets, values.targets),
      programs: chosen('program', programs, values.programs),
      version: checkedVersion(values.version),
      keyFile: values.key,
      folder: resolve(values.to),
    })
  }
})

async function release(wishes: Wishes): Promise<void> {
  const { folder, version, keyFile } = wishes
  // Before all the work.
  if (keyFile !== undefined) releaseKey(keyFile)
  const chunks = await buildConsole(join(top, 'collector/console/web/dist'))
  const pageInputs = chunks.flatMap(chunk => chunk.moduleIds).map(id => relative(top, id))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const program of wishes.programs) {
    const bundled = await bundle(program, version)
    for (const target of wishes.targets) {
      const at = join(folder, target.name, program.name)
      const executable = makeExecutable(program, target, bundled, at)
      describe(program, target, version, bundled, 'console' in program.pages ? pageInputs : [], at, keyFile)
      console.log(`${relative(top, executable)}  ${(statSync(executable).size / 1e6).toFixed(1)} MB`)
    }
  }
  await writeSums(folder, keyFile)
  console.log(
    keyFile === undefined
      ? 'not signed: give --key FILE for a release that others are to trust'
      : 'signed: SHA256SUMS.sig, to be checked with release-key.pem',
  )
}

function describe(
  program: Program,
  target: Target,
  version: string,
  bundled: Bundled,
  pageInputs: readonly string[],
  folder: string,
  keyFile: string | undefined,
): void {
  const addons = program.natives.map(native => target.addons[native][0])
  const parts = partsOf(
    [...bundled.inputs, ...pageInputs],
    [target.node.package, ...program.natives, ...addons],
  )
  writeFileSync(join(folder, 'sbom.cdx.json'), billOfMaterials(program.name, version, parts))
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), notices(program.name, version, parts))
  copyFileSync(join(top, 'LICENSE'), join(folder, 'LICENSE'))
  // What this installation believes later releases by.
  if (keyFile !== undefined) writeFileSync(join(folder, publicKeyFile), publicHalf(keyFile))
}

function checkedVersion(text: string): string {
  if (/^\d{1,5}\.\d{1,5}\.\d{1,5}$/.test(text)) return text
  throw new Failure('bad_version', `"${text}" is no version`, { hint: 'three numbers, such as 1.4.0' })
}
