/** One file that holds Node, a program's code, its threads and its pages; native addons lie beside it. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import type { Bundled } from './bundle.ts'
import { machOFault, signMachO } from './mach-o.ts'
import { packageFolder } from './packages.ts'
import { addonFile, type Program, type Target, top } from './programs.ts'
import { withVersion } from './windows-resource.ts'

/** Compiled code holds strings by their hashes, which are salted by chance. It is taken only where the options are the same. */
const sameEachTime = '--random-seed=1'

/** Makes `folder` with the executable and its addons. Same input, same bytes. Throws `no_strip`, and what packages.ts throws. */
export function makeExecutable(program: Program, target: Target, bundled: Bundled, folder: string): string {
  const work = mkdtempSync(join(tmpdir(), 'backstay-release-'))
  try {
    const assets: Record<string, string> = {}
    for (const [name, code] of bundled.files) {
      const file = join(work, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, code)
      if (name !== 'main.js') assets[name] = file
    }
    for (const [name, pages] of Object.entries(program.pages))
      Object.assign(assets, pagesOf(name, join(top, pages)))
    const executable = join(folder, `${program.name}${target.suffix}`)
    mkdirSync(folder, { recursive: true })
    const settings = {
      // Its path is kept inside: a relative one is the same for everybody.
      main: 'main.js',
      mainFormat: 'commonjs',
      executable: nodeFor(program, target, bundled.version, work),
      output: executable,
      disableExperimentalSEAWarning: true,
      // Code that was compiled on another platform Node does not take.
      useCodeCache: target.name === `${process.platform}-${process.arch}`,
      useSnapshot: false,
      execArgv: program.nodeOptions,
      // Nobody gives Node other options by the environment.
      execArgvExtension: 'none',
      assets,
    }
    writeFileSync(join(work, 'sea.json'), JSON.stringify(settings))
    execFileSync(process.execPath, [...program.nodeOptions, sameEachTime, '--build-sea', 'sea.json'], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (target.signed === 'mach-o') {
      const identifier = `org.backstay.${program.name}`
      const signed = signMachO(readFileSync(executable), identifier)
      // No Mac is here to say so: what it would refuse to start is not handed out.
      const fault = machOFault(signed)
      if (fault !== undefined) throw new Error(`assertion failed: ${executable}: ${fault}`)
      writeFileSync(executable, signed, { mode: 0o755 })
    }
    for (const native of program.natives) {
      const [name, file] = target.addons[native]
      copyFileSync(join(packageFolder(name), file), join(folder, addonFile(native)))
    }
    return executable
  } finally {
    rmSync(work, { recursive: true })
  }
}

function pagesOf(name: string, folder: string): Record<string, string> {
  const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter(entry => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort()
  if (!paths.includes(join(folder, 'index.html'))) {
    throw new Failure('not_built', `there are no pages in "${folder}"`, {
      hint: 'run: npm run build:console',
    })
  }
  return Object.fromEntries(
    paths.map(path => [`${name}/${path.slice(folder.length + 1).replaceAll('\\', '/')}`, path]),
  )
}

/** Node as our code goes into it. Whatever is changed later it would not survive. */
function nodeFor(program: Program, target: Target, version: string, work: string): string {
  const found = join(packageFolder(target.node.package), target.node.file)
  if (target.suffix === '.exe') {
    const described = join(work, 'node.exe')
    const about = { file: `${program.name}.exe`, title: program.title, version }
    writeFileSync(described, withVersion(readFileSync(found), about), { mode: 0o755 })
    return described
  }
  if (target.strip === undefined) return found
  const stripped = join(work, 'node')
  try {
    execFileSync(target.strip, ['-o', stripped, found], { stdio: ['ignore', 'ignore', 'inherit'] })
  } catch (cause) {
    throw new Failure(
      'no_strip',
      `"${target.strip}" cannot take the symbols out of Node for ${target.name}`,
      {
        hint: 'install it: apt-get install binutils binutils-aarch64-linux-gnu',
        cause,
      },
    )
  }
  return stripped
}
