#!/usr/bin/env node
import { runWithPinnedNode } from '../../scripts/pinned-node.mjs'

await runWithPinnedNode(new URL('../src/commands/main.ts', import.meta.url), { frugal: true })
