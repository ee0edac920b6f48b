/** Packages for Windows, by wixl, with a service host compiled by mingw. Fleet tools install them in silence. */
import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../release/programs.ts'
import { withVersion } from '../release/windows-resource.ts'
import { type Built, documents } from './built.ts'
import { type Making, runTool, workFolder } from './making.ts'
import type { Product } from './products.ts'
import { filled } from './template.ts'

const host = 'backstay-service.exe'

/** What Windows' own compiler would write, and wixl does not. */
const amendments = [
  // Told to the part of the installer that runs as the system, whoever starts it.
  "UPDATE `Property` SET `Value` = 'WIX_UPGRADE_DETECTED;WIX_DOWNGRADE_DETECTED;BACKSTAY_TOKEN;PURGE' " +
    "WHERE `Property` = 'SecureCustomProperties'",
  // The earlier version goes first, and ends its own service: a running program cannot be replaced.
  "UPDATE `InstallExecuteSequence` SET `Sequence` = 1501 WHERE `Action` = 'RemoveExistingProducts'",
  // A program from a file, deferred, as the system, its words in no log: 18 + 1024 + 2048 + 8192.
  "UPDATE `CustomAction` SET `Type` = 11282 WHERE `Action` = 'Prepare'",
]

/** Returns the name of the package's file. */
export function makeMsi(product: Product, built: Built, making: Making): string {
  using work = workFolder()
  const { name, version } = built
  const files = [...built.programFiles, ...documents]
  for (const file of files) copyFileSync(join(built.folder, file), join(work.path, file))
  compileHost(join(work.path, host), making)
  describeHost(join(work.path, host), version)
  const components = files.map((file, index) => component(file, `File${index}`))
  const text = filled('msi/agent.wxs', {
    VERSION: version,
    SUMMARY: product.summary,
    // One for each version, so that the same version is not installed beside itself.
    PRODUCT: uuidOf(`${name} ${version}`),
    FILES: components.join('\n'),
    REFERENCES: files.map((_, index) => `      <ComponentRef Id="File${index}" />`).join('\n'),
  })
  writeFileSync(join(work.path, 'agent.wxs'), text)
  const file = `${name}_${version}_x64.msi`
  const made = join(making.to, file)
  runTool('wixl', ['-a', 'x64', '-o', made, join(work.path, 'agent.wxs')], making)
  runTool('msibuild', [made, ...amendments.flatMap(query => ['-q', query])], making)
  return file
}

/** A file as a part of its own, as Windows wants it; its id is the same in all versions. */
function component(file: string, id: string): string {
  const guid = uuidOf(`component ${file}`)
  return [
    `          <Component Id="${id}" Guid="${guid}" Win64="yes">`,
    `            <File Id="${id}" Source="${file}" KeyPath="yes" />`,
    '          </Component>',
  ].join('\n')
}

function compileHost(to: string, making: Making): void {
  const source = join(top, 'installers/msi/service-host.c')
  const words = [
    '-std=c11',
    '-municode',
    '-O2',
    '-s',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-Wl,--no-insert-timestamp',
  ]
  runTool(
    'x86_64-w64-mingw32-gcc',
    [...words, '-static', '-o', to, source, '-ladvapi32', '-lshell32'],
    making,
  )
}

function describeHost(file: string, version: string): void {
  const about = { file: host, title: 'Backstay agent service', version }
  writeFileSync(file, withVersion(readFileSync(file), about))
}

/** RFC 9562 §5.8: a UUID whose content is ours to choose. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(`backstay msi ${text}`).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const digits = bytes.toString('hex')
  return [0, 8, 12, 16, 20].map((from, index, all) => digits.slice(from, all[index + 1])).join('-')
}
