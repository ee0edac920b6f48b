import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { compactBytes, parseBytes } from '../amounts.ts'
import { declared, readSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'backstay-settings-'))
after(() => rmSync(folder, { recursive: true }))

test('a data folder is enough', () => {
  const settings = readSettings({ data: folder }, {})
  assert.deepEqual(
    { ...settings, urls: settings.urls(7000) },
    {
      data: folder,
      host: '0.0.0.0',
      port: 7443,
      urls: [`wss://${hostname()}:7000`],
      logLevel: 'info',
      handshakesPerMinute: 10,
      reserveBytes: 268_435_456,
      collectEveryMs: 86_400_000,
      scrubPeriodMs: 30 * 86_400_000,
      web: undefined,
      webNames: [],
      oidc: undefined,
      releaseKey: undefined,
    },
  )
})

test('the reserve is a size in bytes or in binary units, and not too small to be one', () => {
  const reserve = (text: string) => readSettings({ data: folder, reserve: text }, {}).reserveBytes
  assert.equal(reserve('100000000'), 100_000_000)
  assert.equal(reserve('64MiB'), 67_108_864)
  assert.equal(reserve('2 gib'), 2_147_483_648)
  for (const text of ['', '1', '63MiB', '0', '-1GiB', '1.5GiB', '2GB', 'much', '9000000PiB', '1e9', 'GiB']) {
    assert.throws(() => reserve(text), { code: 'bad_settings', message: /--reserve must be/ }, text)
  }
  assert.equal(readSettings({}, { BACKSTAY_DATA: folder, BACKSTAY_RESERVE: '1GiB' }).reserveBytes, 2 ** 30)
})

test('sizes are written as they are read', () => {
  for (const bytes of [0, 1, 1023, 1024, 67_108_864, 3 * 2 ** 40, 2 ** 50 + 1024]) {
    assert.equal(parseBytes(compactBytes(bytes)), bytes)
  }
})

test('a flag wins over the environment, and that over the file', () => {
  const file = { listen: 'file:1', logLevel: 'error', url: ['wss://file:1'], handshakesPerMinute: 3 }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(file))
  const environment = {
    BACKSTAY_DATA: folder,
    BACKSTAY_LISTEN: '[::1]:2',
    BACKSTAY_URL: 'wss://a:1, wss://b:2',
  }
  const settings = readSettings({ url: ['wss://flag:3'], logLevel: 'debug' }, environment)
  assert.deepEqual(
    [settings.host, settings.port, settings.urls(9), settings.logLevel, settings.handshakesPerMinute],
    ['::1', 2, ['wss://flag:3'], 'debug', 3],
  )
  assert.deepEqual(readSettings({}, environment).urls(9), ['wss://a:1', 'wss://b:2'])
  assert.deepEqual(readSettings({ data: folder }, {}).urls(9), ['wss://file:1'])
  rmSync(join(folder, 'config.json'))
})

test('an address of this machine becomes the address for agents', () => {
  const urls = (listen: string) => readSettings({ data: folder, listen }, {}).urls(7)
  assert.deepEqual(urls('127.0.0.1:0'), ['wss://127.0.0.1:7'])
  assert.deepEqual(urls('[::1]:0'), ['wss://[::1]:7'])
  assert.deepEqual(urls('[::]:0'), [`wss://${hostname()}:7`])
})

test('all mistakes are told at once', () => {
  const flags = {
    listen: 'nonsense',
    url: ['http://x', 'wss://fine:1'],
    logLevel: 'loud',
    handshakesPerMinute: '-1',
  }
  try {
    readSettings(flags, {})
    assert.fail('it was taken')
  } catch (error) {
    assert.ok(isFailure(error, 'bad_settings'))
    for (const part of [
      '--data',
      '--listen',
      '"nonsense"',
      '"http://x"',
      '"loud"',
      '--handshakes-per-minute',
    ]) {
      assert.ok(error.message.includes(part), part)
    }
    assert.ok(!error.message.includes('wss://fine:1'))
  }
})

test('the page needs an address, a certificate and its key; a provider is asked over TLS, and roles are known ones', () => {
  const read = (flags: object) => readSettings({ data: folder, ...flags }, {})
  assert.throws(() => read({ webListen: '127.0.0.1:443' }), { message: /belong together/ })
  assert.throws(() => read({ webName: ['https://x'] }), { message: /without port/ })
  assert.throws(() => read({ oidcIssuer: 'https://id.example.org' }), { message: /belong together/ })
  const client = { oidcClient: 'backstay' }
  assert.throws(() => read({ ...client, oidcIssuer: 'http://id.example.org' }), { message: /https address/ })
  assert.throws(() => read({ oidcRole: ['it=owner'] }), {
    message: /--oidc-role says nothing without --oidc-issuer/,
  })
  const issuer = { ...client, oidcIssuer: 'https://id.example.org' }
  assert.throws(() => read({ ...issuer, oidcRole: ['it=root'] }), { message: /GROUP=ROLE/ })
  const { oidc } = read({ ...issuer, oidcRole: ['it=restore', 'a=b=owner'] })
  assert.deepEqual(oidc?.roles, [
    { group: 'it', role: 'restore' },
    { group: 'a=b', role: 'owner' },
  ])
})

test('a file of settings that is none is named', () => {
  const path = join(folder, 'config.json')
  for (const text of ['{', '[]', '"x"', '{"listne": "x:1"}']) {
    writeFileSync(path, text)
    assert.throws(() => readSettings({ data: folder }, {}), { code: 'bad_settings', message: /config\.json/ })
  }
  rmSync(path)
})

test('every setting says what it means, and its names belong together', () => {
  for (const { flag, key, variable, meaning } of Object.values(declared)) {
    const name = /^--([a-z-]+) </.exec(flag)?.[1] ?? ''
    assert.equal(
      name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      key,
    )
    assert.equal(variable, `BACKSTAY_${name.replaceAll('-', '_').toUpperCase()}`)
    assert.ok(meaning.length > 10)
  }
})
