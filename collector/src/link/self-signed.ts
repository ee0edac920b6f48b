/**
 * The TLS key of a collector, and the certificate around it. Nobody asks a certificate authority: agents pin the key
 * (SHA-256 of its SubjectPublicKeyInfo), so the names and dates in the certificate carry no trust.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509'

export interface TlsIdentity {
  /** PKCS #8, PEM. Secret. */
  readonly key: string
  /** PEM. */
  readonly certificate: string
}

const commonName = '2.5.4.3'
const ecdsaWithSha256 = '1.2.840.10045.4.3.2'
// RFC 5280 §4.1.2.5: the value for "has no well-defined end".
const noEnd = new Date('9999-12-31T23:59:59Z')
const dayMs = 86_400_000

/** P-256, because every TLS 1.3 peer and every balancer knows it. */
export function selfSigned(nowMs: number): TlsIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const algorithm = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 })
  const name = nameOf('Backstay collector')
  const toBeSigned = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer: name,
    // A day back, for agents whose clock is late.
    validity: new Validity({ notBefore: new Date(nowMs - dayMs), notAfter: noEnd }),
    subject: name,
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
  })
  const signature = sign('sha256', new Uint8Array(AsnConvert.serialize(toBeSigned)), privateKey)
  const certificate = new Certificate({
    tbsCertificate: toBeSigned,
    signatureAlgorithm: algorithm,
    signatureValue: new Uint8Array(signature).buffer,
  })
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem('CERTIFICATE', new Uint8Array(AsnConvert.serialize(certificate))),
  }
}

/** Positive, as RFC 5280 wants it: the first bit is 0, the second 1 so that no zero leads. */
function serialNumber(): ArrayBuffer {
  const number = new Uint8Array(randomBytes(16))
  number[0] = ((number[0] ?? 0) & 0x3f) | 0x40
  return number.buffer
}

function nameOf(text: string): Name {
  const value = new AttributeValue({ utf8String: text })
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonName, value })])])
}

function pem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
