import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesText, counted, percentText } from './bytes.ts'
import { reasonText, remedyText } from './reasons.ts'
import { sentence } from './sentence.ts'
import { agoText, dateText, dayBeginsMs, exactText, sinceText, spanText } from './times.ts'

const nowMs = new Date(2026, 2, 13, 15, 0, 0).getTime()
const minutes = (count: number) => count * 60_000
const hours = (count: number) => minutes(count * 60)
const days = (count: number) => hours(count * 24)

test('bytes are in binary units with one decimal, and never as 1024 of one', () => {
  assert.deepEqual([0, 1, 1023, 1024, 1536, 1024 ** 2 - 1, 1.8 * 1024 ** 4].map(bytesText), [
    '0 B',
    '1 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '1.0 MiB',
    '1.8 TiB',
  ])
})

test('small letters become a sentence, and a command is left as it is typed', () => {
  assert.deepEqual(
    ['find the machine', 'Done.', 'backstay prove', 'backstay-collector scrub'].map(sentence),
    ['Find the machine.', 'Done.', 'backstay prove', 'backstay-collector scrub'],
  )
})

test('counts agree with their noun', () => {
  assert.equal(counted(1, 'file'), '1 file')
  assert.equal(counted(12_345, 'file'), '12,345 files')
  assert.equal(counted(2, 'entry', 'entries'), '2 entries')
})

test('almost all is never said to be all, and almost nothing never nothing', () => {
  assert.deepEqual([1, 0.99999, 0.972, 0.00001, 0].map(percentText), [
    '100 %',
    '99.9 %',
    '97.2 %',
    '0.1 %',
    '0 %',
  ])
})

test('a span never claims more than has passed', () => {
  assert.deepEqual(
    [500, 59_999, minutes(4), minutes(119), hours(47.9), days(12.9), days(220), days(800)].map(spanText),
    ['0 s', '59 s', '4 min', '119 min', '47 h', '12 days', '7 months', '2 years'],
  )
})

test('times are said as people say them, also those to come', () => {
  assert.equal(agoText(nowMs - minutes(4), nowMs), '4 min ago')
  assert.equal(agoText(nowMs - 3_000, nowMs), 'just now')
  assert.equal(agoText(nowMs + hours(3), nowMs), 'in 3 h')
})

test('since names the time of today, the weekday of this week, else the date', () => {
  assert.equal(sinceText(nowMs - hours(1), nowMs), '14:00')
  assert.equal(sinceText(nowMs - days(2), nowMs), 'Wednesday 15:00')
  assert.equal(sinceText(nowMs - days(40), nowMs), '2026-02-01')
})

test('the exact time carries seconds, weekday and zone', () => {
  assert.match(exactText(nowMs), /^2026-03-13 15:00:00 \(Friday, UTC[+−]\d\d:\d\d\)$/)
})

test('what the system keeps from an agent is named with what a person does about it', () => {
  const said = { code: 'access_missing', count: 1, sinceMs: nowMs - hours(3) }
  assert.match(
    reasonText({ ...said, what: 'full_disk_access' }, nowMs),
    /^macOS gives its agent no Full Disk Access/,
  )
  assert.match(remedyText({ code: 'access_missing', what: 'full_disk_access' }) ?? '', /PPPC profile/)
  assert.match(remedyText({ code: 'access_missing', what: 'vss_failed' }) ?? '', /vssadmin/)
  // Of an agent that is newer than this page.
  assert.match(reasonText({ ...said, what: 'some_new_word' }, nowMs), /\(some new word\), since/)
  assert.match(remedyText({ code: 'access_missing', what: 'some_new_word' }) ?? '', /backstay-agent status/)
})

test('a day is from midnight to midnight where one looks, and what is no day is none', () => {
  const begins = dayBeginsMs('2026-03-29') ?? 0
  assert.equal(new Date(begins).getHours(), 0)
  assert.equal(dateText(dayBeginsMs('2026-12-31', 1) ?? 0), '2027-01-01')
  for (const none of ['', '2026-02-30', '2026-13-01', 'yesterday', '2026-1-1'])
    assert.equal(dayBeginsMs(none), undefined, none)
})
