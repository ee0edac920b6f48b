import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from './pinned-requests.ts'

test('a collector is reached by name, by number, by number of IPv6, and at 443 when nothing else is said', () => {
  const place = (url: string) => placeOf(new URL(url))
  assert.deepEqual(place('wss://backup.example.org:7443'), { host: 'backup.example.org', port: 7443 })
  assert.deepEqual(place('wss://backup.example.org'), { host: 'backup.example.org', port: 443 })
  assert.deepEqual(place('wss://[::1]:8443'), { host: '::1', port: 8443 })
  assert.deepEqual(place('wss://192.0.2.1'), { host: '192.0.2.1', port: 443 })
})
