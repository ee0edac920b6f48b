/**
 * The one document that says who may read, who may command and which collectors are genuine. Its shape;
 * trust-document.ts reads its bytes, trust.ts says which document to believe. docs/format.md §9.2.
 */
import type { Bytes } from '../bytes.ts'

export type Role = 'owner' | 'policy' | 'restore' | 'enroll' | 'audit'
/** How a session is bound to its TLS channel: RFC 9266, or RFC 5929 behind a balancer that ends TLS. */
export type Binding = 'tls_exporter' | 'tls_end_point'

export interface Owner {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  readonly label: string
}

export interface Admin {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  readonly name: string
  /** `age1pq1…` */
  readonly recipient: string
  /** Never `owner`: owners stand in `owners`. */
  readonly roles: readonly Role[]
  /** Milliseconds since 1970; 0 = no end. */
  readonly notAfterMs: number
}

export interface TrustedCollector {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  /** SHA-256 of the TLS key's SubjectPublicKeyInfo, 32 bytes each: the current key and the next. */
  readonly spkiPins: readonly Bytes[]
  readonly binding: Binding
}

export interface TrustFlags {
  readonly hostedKeys: boolean
  readonly retentionMinDays: number
  readonly twoPerson: boolean
  readonly groupDomains: boolean
}

export interface TrustDocument {
  /** 1, 2, 3 … without gaps. */
  readonly version: number
  /** SHA-256 of the payload of the version before; empty in version 1. */
  readonly previous: Bytes
  /** 16 random bytes. */
  readonly salt: Bytes
  readonly fleetName: string
  readonly issuedAtMs: number
  /** Only warns: an expired document must never stop a backup. 0 = no end. */
  readonly expiresAtMs: number
  readonly owners: readonly Owner[]
  /** So many owners must sign. */
  readonly threshold: number
  readonly admins: readonly Admin[]
  readonly kitRecipient: string
  readonly deskRecipient: string
  readonly collectors: readonly TrustedCollector[]
  readonly flags: TrustFlags
}

export const roleNumbers = { owner: 1, policy: 2, restore: 3, enroll: 4, audit: 5 } as const
export const bindingNumbers = { tls_exporter: 1, tls_end_point: 2 } as const
