/**
 * Scans and some drawings in PDFs (JBIG2, fax, JPEG 2000) are read by pdfjs-dist with WebAssembly, which the policy of the page
 * forbids, or by plain scripts of the same package, which it looks for under a name that is put together while it runs. Here they
 * become files of the build like all others, each loaded when it is needed first.
 */
import type { Plugin } from 'vite'

const scripts = ['jbig2_nowasm_fallback.js', 'openjpeg_nowasm_fallback.js'] as const
/** As the package has it. The build fails when a newer one has it otherwise. */
const asked =
  /await import\(\s*(?:\/\*[^*]*\*\/\s*)*`\$\{WasmImage\.#wasmUrl\}\$\{this\._noWasmFilename\}`\)/g

export function pdfImages(): Plugin {
  return {
    name: 'backstay-pdf-images',
    transform(code, id) {
      if (!id.endsWith('/pdfjs-dist/build/pdf.worker.mjs')) return undefined
      if (code.match(asked)?.length !== 1) throw new Error('pdfjs-dist asks for its scripts in another way')
      const found = scripts
        .map(name => `'${name}': () => import(${JSON.stringify(`pdfjs-dist/wasm/${name}`)})`)
        .join(', ')
      return { code: code.replace(asked, `await ({ ${found} })[this._noWasmFilename]()`), map: null }
    },
  }
}
