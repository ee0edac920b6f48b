import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromUtf8 } from '@backstay/proto/bytes'
import { requireNew, suggestedFolder, typedFolder } from './new-folder.ts'
import { askedOf, minutesAsked, momentAsked, pathAsked, textAsked } from './page-questions.ts'

const refused = { code: 'bad_question' }

test('what the page asks is looked at before anything is done', () => {
  assert.deepEqual(askedOf(''), {})
  for (const text of ['[]', 'null', '1', '{', '"path"']) assert.throws(() => askedOf(text), refused, text)
  const path = Buffer.from('/\0home\0\0letter').toString('base64url')
  assert.deepEqual(pathAsked({ path }).map(fromUtf8), ['/', 'home', 'letter'])
  const wrong = [undefined, 7, '', '%%%', Buffer.from('home').toString('base64url'), 'A'.repeat(70_000)]
  for (const path of wrong) assert.throws(() => pathAsked({ path }), refused, String(path))
  assert.equal(momentAsked({}), undefined)
  for (const at of [0, -1, 1.5, '1', 2 ** 60]) assert.throws(() => momentAsked({ at }), refused, String(at))
  assert.throws(() => textAsked({ words: 'x'.repeat(9000) }, 'words'), refused)
  for (const minutes of [0, -60, 0.5, '60', 10_081]) assert.throws(() => minutesAsked({ minutes }), refused)
})

test('a restore goes into a folder that is named whole and is not there yet', t => {
  const home = mkdtempSync(join(tmpdir(), 'backstay-home-'))
  t.after(() => rmSync(home, { recursive: true }))
  const now = new Date(2026, 10, 22, 14, 5).getTime()
  assert.equal(suggestedFolder('/home/ada', 'thesis', now), '/home/ada/Restored/thesis 2026-11-22 14.05')
  assert.equal(suggestedFolder('/h', '../a/b\n', now), '/h/Restored/.. a b 2026-11-22 14.05')
  assert.equal(typedFolder(home, ' ~/back/../here '), join(home, 'here'))
  for (const text of ['', 'back', './back', '/a\0b', `/${'x'.repeat(5000)}`])
    assert.throws(() => typedFolder(home, text), { code: 'bad_folder' }, text)
  requireNew(join(home, 'new'))
  assert.throws(() => requireNew(home), { code: 'folder_taken' })
  // A link that leads nowhere is there too.
  symlinkSync('/nowhere', join(home, 'link'))
  assert.throws(() => requireNew(join(home, 'link')), { code: 'folder_taken' })
})
