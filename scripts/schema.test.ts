// The shapes that two parties agreed on change only on purpose.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeHeader } from '@backstay/proto/object/header'
import { encodePackHeader } from '@backstay/proto/object/pack'
import { formatVersion } from '@backstay/proto/version'
import { protocolVersion } from '@backstay/proto/wire/limits'
import { generateAll } from './generate-proto.ts'

const folder = join(import.meta.dirname, '../proto/schema')

/** What version 1 of the format and version 1 of the protocol consist of. */
const locked = {
  formatVersion: 1,
  protocolVersion: 1,
  schemas: {
    'content.proto': '868977be572fc90669f1c1c84b82c6d722ae0771f1a5c105784e28bbcd028124',
    'object.proto': '816f3a2e83ece83c32f095520d9d4300b662dd956c4c61cecee721653ccdc717',
    'policy.proto': 'fde3421d692c831b662ebdb822810c8b2fbff509688f76390f555e1e5329958a',
    'trust.proto': '916c3b002f1549301b6f6d951fabcdf3b8cf54d677235e389a5f88076240a2a4',
    'wire.proto': '1a804fe37f1f22d20cda708004d02ce8598d3e46ff93bb14d3faa7bd6601e59b',
  },
}

const advice = `a schema is no longer what its version number stands for.
  Only a comment changed: put the new hash beside the number in scripts/schema.test.ts.
  A field was added that older readers may ignore: the same, and say so in docs/format.md or docs/protocol.md.
  Anything else (a field that changed its number, its type or its meaning, one that readers must understand): raise
  formatVersion (proto/src/version.ts) or protocolVersion (proto/src/wire/limits.ts) and read docs/format.md §12 first.`

test('each schema is the one that the version numbers stand for', () => {
  const schemas = Object.fromEntries(
    readdirSync(folder)
      .filter(name => name.endsWith('.proto'))
      .sort()
      .map(name => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  )
  assert.deepEqual({ formatVersion, protocolVersion, schemas }, locked, advice)
})

test('packs and objects carry the version of the format', () => {
  assert.equal(encodePackHeader('pages')[4], formatVersion)
  const header = { type: 'page', alg: 1, domain: 0, epoch: 0, bodyBytes: 0, children: [] } as const
  assert.equal(Buffer.from(encodeHeader(header).subarray(0, 4)).toString(), `BKO${formatVersion}`)
})

// With SLOW=1 its declarations, too; without, `npm run check` looks at them.
test('the generated code is made from the schemas and the assembly as they are', async () => {
  const endings = process.env.SLOW === '1' ? (['js', 'd.ts'] as const) : (['js'] as const)
  assert.deepEqual(await generateAll(true, endings), [], 'run: npm run proto')
})
