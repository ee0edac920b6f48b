#!/usr/bin/env node
// Starts the agent on the Node that this repository pins, whatever Node runs this file.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

if (Number(process.versions.node.split('.')[0]) >= 26) {
  await import('../src/commands/main.ts')
} else {
  const node = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))
  if (!existsSync(node)) {
    console.error('error: the pinned Node is not installed\nhint: run npm install in the repository')
    process.exitCode = 1
  } else {
    const { status, signal } = spawnSync(node, process.argv.slice(1), { stdio: 'inherit' })
    process.exitCode = status ?? (signal === null ? 1 : 128)
  }
}
