// Builds the console's web app into collector/console/web/dist: hashed files, nothing inline, nothing from outside.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { pdfImages } from './console/pdf-images.ts'
import { needPinnedNode } from './needs.ts'

const top = join(import.meta.dirname, '..')
const root = join(top, 'collector/console/web')

if (import.meta.main) {
  needPinnedNode()
  await buildConsole(join(root, 'dist'), 'info')
}

export interface Chunk {
  readonly fileName: string
  readonly code: string
  /** Files that it needs at once, and those that it may ask for later. */
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
  readonly isEntry: boolean
  /** Files that went in. */
  readonly moduleIds: readonly string[]
}

/** `target`: the folder that is made anew. Returns its scripts. */
export async function buildConsole(target: string, logLevel: 'info' | 'silent' = 'silent'): Promise<Chunk[]> {
  rmSync(target, { recursive: true, force: true })
  const built = await build({
    root,
    base: '/',
    configFile: false,
    logLevel,
    plugins: [react()],
    // A library tries it for its speed and goes on without: the policy of the page forbids it, and would report the attempt.
    define: { WebAssembly: 'undefined' },
    worker: { format: 'es', plugins: () => [pdfImages()] },
    build: {
      outDir: target,
      emptyOutDir: true,
      target: 'es2023',
      // What is inlined as data: needs a policy that allows it.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  })
  const outputs = Array.isArray(built) ? built : 'output' in built ? [built] : []
  return outputs.flatMap(({ output }) => output.flatMap(file => (file.type === 'chunk' ? [file] : [])))
}
