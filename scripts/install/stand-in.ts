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

/** Makes packages of it in `folder`/packages. */
export function standInPackages(folder: string, version: string, formats: string): string {
  for (const { name } of products) {
    const at = join(folder, 'linux-x64', name)
    mkdirSync(at, { recursive: true })
    writeFileSync(join(at, name), program(version))
    chmodSync(join(at, name), 0o755)
    writeFileSync(join(at, 'koffi.node'), `${version}\n`)
    for (const document of documents) writeFileSync(join(at, document), 'none\n')
    writeFileSync(join(at, 'sbom.cdx.json'), JSON.stringify({ metadata: { component: { version } } }))
  }
  const words = ['--from', folder, '--targets', 'linux-x64', '--formats', formats, '--fast']
  const script = join(top, 'scripts/package/package.ts')
  const done = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
  return join(folder, 'packages')
}
