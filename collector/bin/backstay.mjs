#!/usr/bin/env node
import { runWithPinnedNode } from '../../scripts/pinned-node.mjs'

await runWithPinnedNode(new URL('../console/main.ts', import.meta.url))
