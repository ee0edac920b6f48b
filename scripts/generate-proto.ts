// Writes what proto has of generated code: the protobuf code of every schema, and WebAssembly. With --check, fails when
// what is committed is not current.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import wabt from 'wabt'

const top = join(import.meta.dirname, '..')
const schemas = join(top, 'proto/schema')
const assembly = join(top, 'proto/src/content/cutting.wat')
const rooms = { object: 'object', content: 'content', trust: 'trust', policy: 'policy', wire: 'wire' }

// Types come from the comments, so the declarations need a run with them and the code a run without.
function generate(schema: string, out: string, endings: readonly Ending[]): void {
  const pbjs = join(top, 'node_modules/.bin/pbjs')
  const flags = ['-t', 'static-module', '-w', 'esm', '--force-number', '--no-verify', '--no-convert']
  const trim = [
    '--no-delimited',
    '--no-typeurl',
    '--dependency',
    '../protobuf.js',
    '-r',
    `backstay-${schema}`,
  ]
  const run = (...more: string[]) =>
    execFileSync(pbjs, [
      ...flags,
      ...trim,
      ...more,
      '-p',
      schemas,
      '-o',
      out,
      join(schemas, `${schema}.proto`),
    ])
  const types = out.replace(/js$/, 'd.ts')
  const isTyped = endings.includes('d.ts')
  if (isTyped) run('--dts')
  const declarations = isTyped
    ? readFileSync(types, 'utf8').replace('../protobuf.js', 'protobufjs/minimal.js')
    : ''
  run('--no-comments')
  if (isTyped) writeFileSync(types, declarations)
}

type Ending = 'js' | 'd.ts'

/** Returns the files that are not current. Declarations take five times as long, and only a comment changes them alone. */
export async function generateAll(
  check: boolean,
  endings: readonly Ending[] = ['js', 'd.ts'],
): Promise<string[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'backstay-proto-'))
  const stale: string[] = []
  const put = (file: string, made: string) => {
    if (!check) writeFileSync(file, made)
    else if (readFileSync(file, 'utf8') !== made) stale.push(file)
  }
  put(assembly.replace(/wat$/, 'wasm.ts'), await assembled())
  try {
    for (const [schema, room] of Object.entries(rooms)) {
      const out = join(scratch, `${schema}.pb.js`)
      generate(schema, out, endings)
      for (const ending of endings) {
        const made = readFileSync(out.replace(/js$/, ending), 'utf8')
        put(join(top, 'proto/src', room, `${schema}.pb.${ending}`), made)
      }
    }
  } finally {
    rmSync(scratch, { recursive: true })
  }
  return stale
}

async function assembled(): Promise<string> {
  const { parseWat } = await wabt()
  const parsed = parseWat(assembly, readFileSync(assembly, 'utf8'))
  parsed.validate()
  const code = Buffer.from(parsed.toBinary({}).buffer).toString('base64')
  return `/** cutting.wat, assembled by \`npm run proto\`. */\nexport const cuttingWasm =\n  '${code}'\n`
}

if (import.meta.main) {
  const stale = await generateAll(process.argv.includes('--check'))
  for (const file of stale) console.error(`generated code is not current: ${file} (run: npm run proto)`)
  if (stale.length > 0) process.exitCode = 1
}
