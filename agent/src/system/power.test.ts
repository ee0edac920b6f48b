import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { linuxPower } from './linux-power.ts'
import { powerIn } from './macos-power.ts'
import { readPower } from './power.ts'
import { powerOf } from './windows-power.ts'

test('what Windows says is read, and what it does not know is no battery', () => {
  const status = (...bytes: readonly number[]) =>
    powerOf(Uint8Array.from([...bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
  assert.deepEqual(status(0, 1, 73), { percent: 73, charging: false })
  // Low (2) and critical (4) are when it matters.
  assert.deepEqual(status(0, 2, 20), { percent: 20, charging: false })
  assert.deepEqual(status(0, 4, 3), { percent: 3, charging: false })
  assert.deepEqual(status(1, 8, 40), { percent: 40, charging: true })
  assert.deepEqual(status(255, 0, 40), { percent: 40, charging: true })
  for (const none of [
    status(1, 128, 255),
    status(255, 255, 255),
    status(0, 1, 255),
    powerOf(new Uint8Array()),
  ])
    assert.equal(none, undefined)
})

test('what a Mac says is read, and a mouse is no battery of its own', () => {
  const line = (percent: string, words: string) =>
    ` -InternalBattery-0 (id=4653155)\t${percent}; ${words} present: true\n`
  const away = `Now drawing from 'Battery Power'\n${line('14%', 'discharging; 0:41 remaining')}`
  assert.deepEqual(powerIn(away), { percent: 14, charging: false })
  const home = `Now drawing from 'AC Power'\n${line('100%', 'charged; 0:00 remaining')}`
  assert.deepEqual(powerIn(home), { percent: 100, charging: true })
  for (const none of [
    '',
    "Now drawing from 'AC Power'\n",
    "Now drawing from 'AC Power'\n -Mouse-1 (id=1)\t9%; present: true\n",
    line('14%', ''),
    away.replace('14%', '140%'),
  ])
    assert.equal(powerIn(none), undefined, none)
})

test('this machine answers, whatever it has', async () => {
  const power = await readPower()
  assert.ok(power === undefined || (power.percent >= 0 && power.percent <= 100))
  assert.equal(await readPower('plan9'), undefined)
})

test('of several batteries the one that gives power counts, and mains end it', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'backstay-power-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const supply = (name: string, facts: Record<string, string>) => {
    mkdirSync(join(folder, name), { recursive: true })
    for (const [file, text] of Object.entries(facts)) writeFileSync(join(folder, name, file), `${text}\n`)
  }
  assert.equal(await linuxPower(join(folder, 'none')), undefined)
  supply('mouse', { type: 'Battery', scope: 'Device', capacity: '3', status: 'Discharging' })
  assert.equal(await linuxPower(folder), undefined)
  supply('BAT0', { type: 'Battery', capacity: '40', status: 'Not charging' })
  supply('BAT1', { type: 'Battery', capacity: '80', status: 'Discharging' })
  supply('AC', { type: 'Mains', online: '0' })
  assert.deepEqual(await linuxPower(folder), { percent: 80, charging: false })
  supply('AC', { online: '1' })
  assert.deepEqual(await linuxPower(folder), { percent: 40, charging: true })
  supply('BAT0', { capacity: 'x' })
  supply('BAT1', { capacity: '101' })
  assert.equal(await linuxPower(folder), undefined)
})
