import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepWayBack, takeWayBack, withWhatWasBehind } from './way-back.ts'

const now = 1_800_000_000_000

function storage(found?: string) {
  let held: string | undefined = found
  return {
    getItem: () => held ?? null,
    setItem: (_: string, value: string) => {
      held = value
    },
    removeItem: () => {
      held = undefined
    },
  }
}

test('what stands behind # comes back once, where it was', () => {
  const kept = storage()
  keepWayBack(kept, '/restore/ab?x=1#p=/home', now)
  assert.equal(
    withWhatWasBehind('/restore/ab?x=1', takeWayBack(kept, now + 60_000)),
    '/restore/ab?x=1#p=/home',
  )
  assert.equal(takeWayBack(kept, now), undefined)
  assert.equal(withWhatWasBehind('/devices', '/restore/ab#p'), '/devices', 'another place has its own')
  assert.equal(withWhatWasBehind('/devices#now', '/devices#then'), '/devices#now', 'it stands somewhere')
})

test('what is old, from the future, damaged, or leads elsewhere is nothing', () => {
  const said = (address: unknown, atMs: unknown = now) =>
    takeWayBack(storage(JSON.stringify({ address, atMs })), now)
  assert.equal(said('/devices#a'), '/devices#a')
  assert.equal(said('/devices', now - 10 * 60_000 - 1), undefined)
  assert.equal(said('/devices', now + 1), undefined)
  const strange = [
    '//evil.example/',
    '/\\evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '',
    'devices',
  ]
  for (const address of [...strange, '/a\nb', '/a b', '/a\\b', `/${'x'.repeat(9000)}`, 7, null, { a: 1 }])
    assert.equal(said(address), undefined, String(address))
  for (const damaged of ['', 'null', '[', '7', '"/devices"'])
    assert.equal(takeWayBack(storage(damaged), now), undefined)
})
