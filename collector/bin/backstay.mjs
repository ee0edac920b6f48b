#!/usr/bin/env node
import { runWithPinnedNode } from './pinned-node.mjs'

await runWithPinnedNode(new URL('../console/main.ts', import.meta.url))
