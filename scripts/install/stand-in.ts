/**
 * Programs of a few bytes with the shape of a built one: an executable that tells its version and refuses an addon of
 * another version. So an installation can be cut off a hundred times in the time that one of the real program takes.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { documents } from '../package/built.ts'
import { products } from '../package/products.ts'
import { top } from '../release/programs.ts'

const program = (version: string) => `#!/bin/sh
beside=$(dirname "$(readlink -f "$0")")
[ "$(cat "$beside/koffi.node")" = ${version} ] || { echo "mixed with another version" >&2; exit 9; }
[ "\${1-}" != --version ] || { echo ${version}; exit 0; }
exec sleep 1000
`

export interface StandInOptions {
  readonly target?: string
  /** Bytes that each program is larger. */
  readonly more?: number
  /** Of a release key. */
  readonly keyFile?: string
}

/** Makes packages of it in `folder`/packages, which is returned. */
export function standInPackages(
  folder: string,
  version: string,
  formats: string,
  { target = 'linux-x64', more = 0, keyFile }: StandInOptions = {},
): string {
  for (const { name } of products) {
    const at = join(folder, target, name)
    mkdirSync(at, { recursive: true })
    const executable = join(at, target.startsWith('win-') ? `${name}.exe` : name)
    writeFileSync(executable, program(version))
    chmodSync(executable, 0o755)
    writeFileSync(join(at, 'koffi.node'), `${version}\n`)
    if (more > 0) writeFileSync(join(at, 'keyring.node'), Buffer.alloc(more))
    for (const document of documents) writeFileSync(join(at, document), 'none\n')
    writeFileSync(join(at, 'sbom.cdx.json'), JSON.stringify({ metadata: { component: { version } } }))
  }
  const key = keyFile === undefined ? [] : ['--key', keyFile]
  const words = ['--from', folder, '--targets', target, '--formats', formats, '--fast', ...key]
  const script = join(top, 'scripts/package/package.ts')
  const done = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
  return join(folder, 'packages')
}
