/**
 * Padmé: the length that an object of `length` bytes is padded to, so that sizes fall into few classes.
 * At most 12 % for tiny inputs, about 1 % at 1 MiB. Source: Nikitin et al., "Reducing Metadata Leakage from
 * Encrypted Files and Communication with PURBs", 2019, algorithm 1.
 */
export function padme(length: number): number {
  if (length < 2) return length
  const exponent = Math.floor(Math.log2(length))
  const significant = Math.floor(Math.log2(exponent)) + 1
  const step = 2 ** Math.max(0, exponent - significant)
  return Math.ceil(length / step) * step
}
