import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { selfSigned } from './self-signed.ts'

test('the certificate belongs to its key, signs itself and has no end', () => {
  const now = Date.UTC(2026, 5, 1)
  const { key, certificate } = selfSigned(now)
  const x509 = new X509Certificate(certificate)
  assert.ok(x509.checkPrivateKey(createPrivateKey(key)))
  assert.ok(x509.verify(x509.publicKey))
  assert.equal(x509.subject, 'CN=Backstay collector')
  assert.ok(Date.parse(x509.validFrom) < now)
  assert.match(x509.validTo, /9999/)
  assert.match(x509.serialNumber, /^[4-7][0-9A-F]{31}$/)
})

test('every collector gets its own key', () => {
  assert.notEqual(selfSigned(0).certificate, selfSigned(0).certificate)
})
