// Loaded into each file of `npm test`: a thread of the agent is started from the one file that drills/bundled.ts has made of it.
const { existsSync } = require('node:fs')
const { basename, join } = require('node:path')
const { pathToFileURL } = require('node:url')
const threads = require('node:worker_threads')

const folder = process.env.BACKSTAY_DRILL_PROGRAMS

if (folder !== undefined) {
  const { Worker } = threads
  threads.Worker = class extends Worker {
    constructor(script, options) {
      super(script instanceof URL ? bundled(script) : script, options)
    }
  }
}

function bundled(script) {
  const file = join(folder, `${basename(script.pathname, '.ts')}.mjs`)
  return script.pathname.endsWith('-worker.ts') && existsSync(file) ? pathToFileURL(file) : script
}
