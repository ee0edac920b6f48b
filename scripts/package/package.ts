// Makes packages in build/packages/ of what `npm run build` made.
//   npm run package [-- --formats deb,rpm,archive,macos,msi --targets linux-x64 --products backstay-agent --key FILE --fast
//                       --from FOLDER --to FOLDER]
//   npm run package -- --add FILE,FILE --key FILE     packages made or signed elsewhere, such as a pkg, into that release
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Failure } from '@backstay/proto/failure'
import { needPinnedNode } from '../needs.ts'
import { chosen, tellingFailures } from '../release/choosing.ts'
import { targets, top } from '../release/programs.ts'
import { addToRelease, type MadePackage, writeReleaseRecord } from '../release/release-record.ts'
import { releaseKey, writeSums } from '../release/sums.ts'
import { makeArchive } from './archive.ts'
import { type Built, builtProgram } from './built.ts'
import { makeDeb } from './deb.ts'
import { makeMacFolder } from './macos.ts'
import type { Making } from './making.ts'
import { makeMsi } from './msi.ts'
import { type Product, products } from './products.ts'
import { makeRpm } from './rpm.ts'

interface Named {
  readonly name: string
}

interface Format extends Named {
  readonly isFor: (product: Product, target: string) => boolean
  /** Returns the name of the file that it made. */
  readonly make: (product: Product, built: Built, making: Making) => string | Promise<string>
  /** Of an agent that is not made in haste. */
  readonly agentBytesMax?: number
}

/** A fleet fetches the agent by the thousand, often over lines that people work on. */
const agentBytesMax = 32e6

const onLinux = (_: Product, target: string) => target.startsWith('linux-')
const onMac = ({ name }: Product, target: string) => target.startsWith('darwin-') && name === 'backstay-agent'
const onWindows = ({ name }: Product, target: string) => target === 'win-x64' && name === 'backstay-agent'
/** A collector is a server: none for Macs. */
const onUnix = (product: Product, target: string) =>
  onLinux(product, target) || (target.startsWith('darwin-') && product.name !== 'backstay-collector')
const formats: readonly Format[] = [
  { name: 'deb', make: makeDeb, isFor: onLinux, agentBytesMax },
  { name: 'rpm', make: makeRpm, isFor: onLinux, agentBytesMax },
  { name: 'archive', make: makeArchive, isFor: onUnix, agentBytesMax },
  { name: 'macos', make: makeMacFolder, isFor: onMac, agentBytesMax },
  { name: 'msi', make: makeMsi, isFor: onWindows, agentBytesMax },
]
const allTargets: readonly Named[] = targets.filter(({ name }) =>
  formats.some(format => products.some(product => format.isFor(product, name))),
)

needPinnedNode()
await tellingFailures(async () => {
  const { values } = parseArgs({
    options: {
      formats: { type: 'string' },
      targets: { type: 'string' },
      products: { type: 'string' },
      key: { type: 'string' },
      fast: { type: 'boolean', default: false },
      from: { type: 'string', default: join(top, 'build') },
      to: { type: 'string' },
      add: { type: 'string' },
    },
  })
  const from = resolve(values.from)
  const to = resolve(values.to ?? join(from, 'packages'))
  if (values.add !== undefined) return addMade(to, values.add.split(','), values.key)
  const wanted = {
    formats: chosen('format', formats, values.formats),
    targets: chosen('target', allTargets, values.targets),
    products: chosen('product', products, values.products),
  }
  // Before all the work.
  if (values.key !== undefined) releaseKey(values.key)
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  const seconds = packagesTime()
  const made = await makeAll(wanted, from, { to, seconds, isFast: values.fast, keyFile: values.key })
  const [first] = made
  if (values.key !== undefined && first !== undefined) {
    const about = { version: first.version, issuedAtMs: seconds * 1000 }
    await writeReleaseRecord(to, about, made, releaseKey(values.key))
  }
  await writeSums(to, values.key)
})

async function addMade(to: string, files: readonly string[], keyFile: string | undefined): Promise<void> {
  if (keyFile === undefined) {
    throw new Failure('no_release_key', 'what is added to a release is signed anew', {
      hint: 'name the private half of the release key: --key FILE',
    })
  }
  await addToRelease(to, files, releaseKey(keyFile))
  await writeSums(to, keyFile)
}

interface Wanted {
  readonly formats: readonly Format[]
  readonly targets: readonly Named[]
  readonly products: readonly Product[]
}

async function makeAll(
  wanted: Wanted,
  from: string,
  making: Making,
): Promise<(MadePackage & { readonly version: string })[]> {
  const made: (MadePackage & { readonly version: string })[] = []
  for (const target of wanted.targets) {
    for (const product of wanted.products) {
      for (const format of wanted.formats) {
        if (!format.isFor(product, target.name)) continue
        const built = builtProgram(from, target.name, product.name)
        const file = await format.make(product, built, making)
        const { version } = built
        made.push({ program: product.name, target: target.name, format: format.name, name: file, version })
        const { size } = statSync(join(making.to, file))
        console.log(`${file}  ${inMegabytes(size)}`)
        if (product.name === 'backstay-agent' && !making.isFast && size > (format.agentBytesMax ?? size)) {
          throw new Failure('too_large', `"${file}" has more than ${inMegabytes(format.agentBytesMax)}`, {
            hint: 'a fleet fetches it thousands of times: look what came into the agent',
          })
        }
      }
    }
  }
  return made
}

function inMegabytes(bytes = 0): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** SOURCE_DATE_EPOCH, as build tools agreed on it; else when the newest commit was made. */
function packagesTime(): number {
  const given = process.env.SOURCE_DATE_EPOCH
  if (given !== undefined && /^\d{1,12}$/.test(given)) return Number(given)
  const asked = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: top, encoding: 'utf8' })
  // An archive of the sources has no history: the day of the first version.
  return asked.status === 0 ? Number(asked.stdout.trim()) : 1_790_000_000
}
