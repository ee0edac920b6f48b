/**
 * Node for Windows as wine 8 runs it. V8 asks kernelbase for VirtualAlloc2 and, where there is none, does without; this wine
 * has one that cannot do what V8 asks of it. So in a copy that nobody ships the name it looks for gets another letter.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../release/packages.ts'
import { targetNamed, top } from '../release/programs.ts'
import { onZ } from './wine.ts'

const cache = join(top, '.cache/wine')
const symbol = 'VirtualAlloc2\0'

/** Writes a copy of an executable of Windows that runs under wine. */
export function copyForWine(from: string, to: string): void {
  const bytes = readFileSync(from)
  let changed = 0
  for (let at = bytes.indexOf(symbol); at >= 0; at = bytes.indexOf(symbol, at + 1)) {
    bytes.writeUInt8('X'.charCodeAt(0), at + symbol.length - 2)
    changed++
  }
  if (changed === 0) throw new Error(`"${from}" holds no ${symbol.slice(0, -1)}: is it Node for Windows?`)
  writeFileSync(to, bytes, { mode: 0o755 })
}

export interface WindowsNode {
  readonly program: string
  /** Words before a script, so that it finds koffi for Windows and this repository's own packages. */
  readonly words: readonly string[]
}

/** Node and koffi for Windows, fetched once by npm (release/packages.ts) and kept in .cache/wine. */
export function windowsNode(): WindowsNode {
  const target = targetNamed('win-x64')
  mkdirSync(cache, { recursive: true })
  const program = join(cache, 'node.exe')
  if (!existsSync(program)) {
    const part = `${program}.${process.pid}`
    copyForWine(join(packageFolder(target.node.package), target.node.file), part)
    renameSync(part, program)
  }
  const [addon] = target.addons.koffi
  const koffi = join(cache, 'node_modules/koffi')
  if (!existsSync(koffi)) {
    cpSync(packageFolder(addon), join(cache, 'node_modules', addon), { recursive: true })
    cpSync(packageFolder('koffi'), koffi, { recursive: true })
  }
  copyFileSync(join(import.meta.dirname, 'inside/find-packages.mjs'), join(cache, 'find-packages.mjs'))
  return {
    program,
    words: ['--import', `file:///${onZ(join(cache, 'find-packages.mjs')).replaceAll('\\', '/')}`],
  }
}
