import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { settingsFolder } from '../system/settings-folder.ts'
import { tokenSources } from './token-sources.ts'

const top = await mkdtemp(join(tmpdir(), 'backstay-sources-'))
after(() => rm(top, { recursive: true }))

test('all places are looked at, in the order of who speaks most plainly', async () => {
  const environment = {
    CREDENTIALS_DIRECTORY: join(top, 'credentials'),
    BACKSTAY_TOKEN_FILE: join(top, 'named'),
    BACKSTAY_TOKEN: ' from-environment\n',
  }
  await mkdir(environment.CREDENTIALS_DIRECTORY)
  const files = {
    typed: join(top, 'typed'),
    credential: join(environment.CREDENTIALS_DIRECTORY, 'backstay-token'),
    named: environment.BACKSTAY_TOKEN_FILE,
    settings: join(top, 'token'),
  }
  for (const [name, path] of Object.entries(files)) await writeFile(path, `from-${name}`, { mode: 0o600 })
  const sources = tokenSources({
    tokenFile: files.typed,
    environment,
    settings: top,
    managed: { place: 'a profile', read: async () => 'from-profile' },
  })
  assert.deepEqual(
    sources.map(({ place }) => place),
    [files.typed, files.credential, files.named, '$BACKSTAY_TOKEN', files.settings, 'a profile'],
  )
  assert.deepEqual(await Promise.all(sources.map(one => one.read())), [
    'from-typed',
    'from-credential',
    'from-named',
    'from-environment',
    'from-settings',
    'from-profile',
  ])
  assert.equal('BACKSTAY_TOKEN' in environment, false, 'no child process gets it')
})

test('without a word the settings folder is looked into, and an empty variable is none', () => {
  const sources = tokenSources({
    tokenFile: undefined,
    environment: { BACKSTAY_TOKEN: '', BACKSTAY_TOKEN_FILE: '', CREDENTIALS_DIRECTORY: '' },
    settings: '/etc/backstay',
  })
  assert.deepEqual(
    sources.map(({ place }) => place),
    ['/etc/backstay/token'],
  )
})

test('the settings folder is where each system has such things', () => {
  const home = '/home/ada'
  const of = (platform: NodeJS.Platform, isRoot: boolean, environment = {}) =>
    settingsFolder({ platform, isRoot, environment, home })
  assert.equal(of('linux', true), '/etc/backstay')
  assert.equal(of('linux', false), '/home/ada/.config/backstay')
  assert.equal(of('linux', false, { XDG_CONFIG_HOME: '/home/ada/c' }), '/home/ada/c/backstay')
  assert.equal(of('darwin', true), '/Library/Application Support/Backstay/etc')
  assert.equal(of('darwin', false), '/home/ada/Library/Application Support/Backstay/etc')
  assert.equal(of('win32', true), 'C:\\ProgramData\\Backstay\\etc')
  assert.equal(of('win32', true, { ProgramData: 'D:\\Data' }), 'D:\\Data\\Backstay\\etc')
  assert.equal(of('linux', true, { BACKSTAY_SETTINGS: '/srv/s' }), '/srv/s')
})
