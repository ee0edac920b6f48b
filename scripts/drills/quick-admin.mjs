#!/usr/bin/env node
// `backstay`, but that new key files cost whoever opens them a millisecond instead of half a second of scrypt: drills open theirs
// at each command, and are not about that.
import { runWithPinnedNode } from '../pinned-node.mjs'

await runWithPinnedNode(new URL('./quick-admin.ts', import.meta.url))
