/** The code of a program as a few files that need no others: its main script and one for each kind of thread. */
import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { addonFile, type Native, type Program, top } from './programs.ts'

export interface Bundled {
  /** What the program says that it is. */
  readonly version: string
  /** File name → code. `main.js`, and `threads/NAME.js`. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Files of the sources and of packages that went in, from the top of the repository. */
  readonly inputs: ReadonlySet<string>
}

/** What sources expect of Node and a script in a thread does not have. */
const threadBanner =
  "import{createRequire as __createRequire}from'node:module';import{dirname as __dirnameOf}from'node:path';" +
  'const require=__createRequire(process.execPath),__filename=process.execPath,__dirname=__dirnameOf(__filename);'

/** The main script is no module, since Node keeps the compiled code of others only (executable.ts). */
const mainScript = {
  format: 'cjs',
  define: { 'import.meta.url': '__ownUrl', 'import.meta.dirname': '__dirname' },
  banner: { js: "const __ownUrl=require('node:url').pathToFileURL(process.execPath).href;" },
} as const

const threadScript = { format: 'esm', banner: { js: threadBanner } } as const

export async function bundle(program: Program, version: string): Promise<Bundled> {
  const files = new Map<string, Uint8Array>()
  const inputs = new Set<string>()
  const wanted = [
    ['main.js', program.main] as const,
    ...program.threads.map(thread => [`threads/${basename(thread, '.ts')}.js`, thread] as const),
  ]
  for (const [name, entry] of wanted) {
    const built = await build({
      entryPoints: [join(top, entry)],
      absWorkingDir: top,
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      keepNames: true,
      legalComments: 'none',
      platform: 'node',
      target: 'node26',
      ...(name === 'main.js' ? mainScript : threadScript),
      plugins: [addonsBeside, builtinsAsTheyAre, saying(version)],
      logLevel: 'error',
    })
    for (const input of Object.keys(built.metafile.inputs)) inputs.add(input)
    for (const { contents } of built.outputFiles) files.set(name, contents)
  }
  return { version, files, inputs }
}

const natives: readonly Native[] = ['koffi', '@napi-rs/keyring']

/** Addons are loaded from files beside the executable, since the system loads nothing from inside it. */
const addonsBeside: Plugin = {
  name: 'addons-beside',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(koffi|@napi-rs\/keyring)$/ }, ({ path }) => ({ path, namespace: 'addon' }))
    onLoad({ filter: /./, namespace: 'addon' }, ({ path }) => {
      const native = natives.find(one => one === path) as Native
      return { contents: loading(native), loader: 'js', resolveDir: top }
    })
  },
}

/**
 * Node's own modules are taken from Node as a required module is. An import of one asks for everything in it, and `node:http`
 * then loads a whole client for the web, in every start.
 */
export const builtinsAsTheyAre: Plugin = {
  name: 'builtins-as-they-are',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
      loader: 'js',
    }))
  },
}

function saying(version: string): Plugin {
  return {
    name: 'version',
    setup({ onLoad }) {
      onLoad({ filter: /proto\/src\/product-version\.ts$/ }, () => ({
        contents: `export const productVersion = ${JSON.stringify(version)}`,
        loader: 'ts',
      }))
    },
  }
}

/** Shaped like the package, for what we import of it. */
function loading(native: Native): string {
  const names = { koffi: [], '@napi-rs/keyring': ['AsyncEntry'] }[native]
  return [
    "import { dirname, join } from 'node:path'",
    'const loaded = { exports: {} }',
    `process.dlopen(loaded, join(dirname(process.execPath), '${addonFile(native)}'))`,
    'export default loaded.exports',
    ...names.map(name => `export const ${name} = loaded.exports.${name}`),
  ].join('\n')
}
