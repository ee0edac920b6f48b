import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attention } from '@backstay/proto/rest/overview'
import { gathered } from './gathered.ts'

const one = (id: string, code: string, more: Partial<Attention> = {}): Attention => ({
  ...{
    id,
    severity: 'warning',
    kind: 'device',
    code,
    what: `${id}: ${code.replaceAll('_', ' ')}`,
    device: id,
    sinceMs: 5,
    remedy: 'do it',
  },
  ...more,
})

test('devices of the same trouble are one line, as grave as the gravest and as old as the oldest', () => {
  const [need, ...others] = gathered([
    one('a', 'silent'),
    one('b', 'silent', { severity: 'critical', sinceMs: 3 }),
    one('c', 'silent'),
  ])
  assert.deepEqual(others, [])
  assert.equal(need?.what, '3 devices silent for too long')
  assert.equal(need?.remedy, 'a, b, c')
  assert.deepEqual([need?.severity, need?.sinceMs], ['critical', 3])
})

test('one alone is named in the same words, and leads to its device', () => {
  const [need] = gathered([
    one('a: b', 'root_unmounted', { device: 'a', what: 'a: b: root unmounted (unmounted)' }),
  ])
  assert.deepEqual(
    [need?.what, need?.remedy, need?.to],
    ['a: b with a disk that is not mounted', 'Do it.', '/devices/a'],
  )
  assert.equal(gathered([one('a', 'new_trouble')])[0]?.what, 'a: new trouble')
})

test('a code that this page does not know is still told', () => {
  assert.equal(
    gathered([one('a', 'new_trouble'), one('b', 'new_trouble')])[0]?.what,
    'new trouble: 2 devices',
  )
})
