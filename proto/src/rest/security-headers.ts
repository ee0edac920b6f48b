/** What every answer of a page's origin carries, the collector's and `backstay console`'s alike. No exceptions. */

/** Own files only: no inline, no eval, no frame, no other origin; strings become markup nowhere. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
].join('; ')

export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Two years, for origins that are reached over TLS. */
export const strictTransport: Readonly<Record<string, string>> = {
  'strict-transport-security': 'max-age=63072000',
}
