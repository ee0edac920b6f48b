// Policy files: what is printed is taken back, and all mistakes are told at once. SEED repeats a run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '@backstay/proto/failure'
import { keyOf, type LayerSetting } from '@backstay/proto/policy/settings'
import { settings } from '@backstay/proto/policy/testing/arbitrary'
import * as fc from 'fast-check'
import { layerText, parseLayer, parseSetting } from './layer-text.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const sorted = (all: readonly LayerSetting[]) => all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))

test(`whatever a layer says can be written and read back (SEED=${seed})`, () => {
  const property = fc.property(settings, all => {
    assert.deepEqual(sorted(parseLayer(layerText(all, ['a note']), 'x')), sorted(all))
  })
  fc.assert(property, { seed, numRuns: 300 })
})

test('a file as people write it', () => {
  const text = `
sets:
  home:
    presets: [user-folders]
    roots: [/srv/data, '%APPDATA%\\Mozilla']
    excludes: ['*.tmp']
  mail: { roots: [] }
schedule: { windows: ['Mon-Fri 20:00-06:00'] }
retention: { within: 30d, daily: 90 }
rates: 500 KiB/s Mon-Fri 08:00-18:00
pause: no
hooks: { before: mysql-dump }
lock: [retention, sets.home]
`
  const layer = parseLayer(text, 'office.yaml')
  assert.deepEqual(layer.map(one => `${keyOf(one)}${one.locked ? ' locked' : ''}`).sort(), [
    ...['hooks', 'pause', 'rates', 'retention locked', 'schedule', 'sets.home locked', 'sets.mail'],
  ])
})

test('every mistake is told, with its line and what is allowed', () => {
  const text = `sets:
  home: { roots: [home], presets: [] }
  data: { presets: [everything] }
retention: { weeks: 3 }
battery: 101
schedule: sometimes
hooks: { before: 'x; rm -rf /' }
speed: fast
lock: [objective]
`
  assert.throws(
    () => parseLayer(text, 'bad.yaml'),
    error => {
      assert.ok(error instanceof Failure)
      assert.equal(error.code, 'bad_policy_file')
      const lines = error.message.split('\n').slice(1)
      assert.deepEqual(
        lines.map(line => line.match(/line (\d+)/)?.[1]),
        ['2', '3', '4', '5', '6', '7', '8', '9'],
      )
      const allowed = [
        /absolute path/,
        /user-folders, server/,
        /within, daily/,
        /0 to 100/,
        /every 4h/,
        /hooks\.d/,
        /battery/,
        /does not set it/,
      ]
      for (const [index, one] of allowed.entries()) assert.match(lines[index] ?? '', one)
      return true
    },
  )
  for (const bad of ['- a', 'x: [', 'battery: 1\nbattery: 2', 'lock: 3', 'sets: 5']) {
    assert.throws(() => parseLayer(bad, 'x'), { code: 'bad_policy_file' }, bad)
  }
  assert.deepEqual(parseLayer('# nothing\n', 'x'), [])
})

test('one setting on a command line', () => {
  assert.deepEqual(parseSetting('schedule=every 30m'), {
    kind: 'schedule',
    value: { kind: 'every', everyMs: 1_800_000 },
  })
  assert.deepEqual(parseSetting('restore=no'), { kind: 'restore', value: false })
  assert.equal(keyOf(parseSetting('sets.data={roots: [/data]}')), 'sets.data')
  for (const bad of ['schedule', 'x=1', 'battery=most', 'sets.={roots: [/]}', 'rates=[']) {
    assert.throws(() => parseSetting(bad), { code: 'bad_setting' }, bad)
  }
})
