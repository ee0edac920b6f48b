/**
 * The programs of this tree as one file each, for `npm test`: drills start them two hundred times, and a start from the sources loads
 * hundreds of files. Threads and pages are those of the sources. A drill that runs alone and all of them with SLOW=1 take the sources.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { builtinsAsTheyAre } from '../release/bundle.ts'
import { programFiles } from './processes.ts'

const top = join(import.meta.dirname, '../..')
const folder = join(top, 'node_modules/.cache/programs')

/** What packages expect of Node and a module does not have. */
const requiring =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"

/** Makes them anew and returns their folder: for each program a file that is started as that of the sources is. */
export async function bundlePrograms(): Promise<string> {
  mkdirSync(folder, { recursive: true })
  for (const starter of Object.values(programFiles)) {
    const text = readFileSync(starter, 'utf8')
    const script = /new URL\('(.+?\.ts)'/.exec(text)?.[1]
    const name = basename(starter)
    if (script === undefined) throw new Error(`${name} names no script`)
    const { outputFiles } = await build({
      entryPoints: [join(dirname(starter), script)],
      ...{ bundle: true, write: false, platform: 'node', target: 'node26', minify: true, keepNames: true },
      // Addons, and what reads files of its own.
      external: ['koffi', '@napi-rs/keyring', 'pdfkit'],
      format: 'esm',
      banner: { js: requiring },
      plugins: [builtinsAsTheyAre, whereTheSourcesAre],
      logLevel: 'error',
    })
    replace(`whole-${name}`, outputFiles[0]?.text ?? '')
    const own = text
      .replace(script, `./whole-${name}`)
      .replace(/'[^']+\/pinned-node.mjs'/, `'${top}/scripts/pinned-node.mjs'`)
    replace(name, own)
  }
  return folder
}

/** Whoever runs it at this moment has a whole one. */
function replace(name: string, text: string): void {
  const part = join(folder, `${name}.${process.pid}`)
  writeFileSync(part, text)
  renameSync(part, join(folder, name))
}

const whereTheSourcesAre: Plugin = {
  name: 'where-the-sources-are',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
    }))
  },
}
