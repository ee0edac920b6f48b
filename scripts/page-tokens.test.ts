import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const top = join(import.meta.dirname, '..')

test("the employee's page is drawn with the tokens of the console", () => {
  // A copy, since no agent reaches into the collector; one look for both.
  const [console, page] = ['collector/console/web/styles', 'agent/src/local-page/page'].map(folder =>
    readFileSync(join(top, folder, 'tokens.css'), 'utf8'),
  )
  assert.equal(page, console)
})
