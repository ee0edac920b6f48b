// Under wine: koffi is the one that lies beside this file, and a link of npm's to a room of this repository is that room.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'koffi')
      return { url: new URL('./node_modules/koffi/index.js', import.meta.url).href, shortCircuit: true }
    const found = next(specifier, context)
    return { ...found, url: found.url.replace('/node_modules/@backstay/', '/') }
  },
})
