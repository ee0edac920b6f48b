/**
 * The programs of this tree and their threads as one file each, for `npm test`: its drills start programs two hundred times and threads
 * a thousand times, and each start from the sources loads dozens or hundreds of files. Pages are those of the sources. A test that runs
 * alone and all of them with SLOW=1 take the sources.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { builtinsAsTheyAre } from '../release/bundle.ts'
import { programNamed } from '../release/programs.ts'
import { programFiles } from './processes.ts'

const top = join(import.meta.dirname, '../..')
const folder = join(top, 'node_modules/.cache/programs')
const { threads } = programNamed('backstay-agent')
const ofThread = (name: string) => join(folder, `${basename(name, '.ts')}.mjs`)
/** What packages expect of Node and a module does not have. */
const requiring =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"

/** Makes them anew and returns their folder: a program is started as from its sources, a thread has the name of its script. */
export async function bundlePrograms(): Promise<string> {
  mkdirSync(folder, { recursive: true })
  for (const thread of threads) replace(ofThread(thread), await bundled(join(top, thread)))
  for (const starter of Object.values(programFiles)) {
    const text = readFileSync(starter, 'utf8')
    const script = /new URL\('(.+?\.ts)'/.exec(text)?.[1]
    const name = basename(starter)
    if (script === undefined) throw new Error(`${name} names no script`)
    replace(join(folder, `whole-${name}`), await bundled(join(dirname(starter), script)))
    const own = text
      .replace(script, `./whole-${name}`)
      .replace(/'[^']+\/pinned-node.mjs'/, `'${top}/scripts/pinned-node.mjs'`)
    replace(join(folder, name), own)
  }
  return folder
}

async function bundled(script: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [script],
    ...{ bundle: true, write: false, platform: 'node', target: 'node26', minify: true, keepNames: true },
    // Addons, and what reads files of its own.
    external: ['koffi', '@napi-rs/keyring', 'pdfkit'],
    format: 'esm',
    banner: { js: requiring },
    plugins: [builtinsAsTheyAre, whereTheSourcesAre],
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

/** Whoever runs it at this moment has a whole one. */
function replace(file: string, text: string): void {
  const part = `${file}.${process.pid}`
  writeFileSync(part, text)
  renameSync(part, file)
}

const urlOf = (file: string) => JSON.stringify(pathToFileURL(file).href)

const whereTheSourcesAre: Plugin = {
  name: 'where-the-sources-are',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replace(
          /new URL\('\.\/(\w+-worker\.ts)', import\.meta\.url\)/g,
          (_, name) => `new URL(${urlOf(ofThread(name))})`,
        )
        .replaceAll('import.meta.url', urlOf(path))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
    }))
  },
}
