/** FILETIME: 100 ns since 1601, in 64 bits, as seconds and nanoseconds since 1970. [MS-DTYP] §2.3.3 */
const ticksPerSecond = 10_000_000n
/** From 1601-01-01 to 1970-01-01. */
const epochSeconds = 11_644_473_600n

export interface Instant {
  readonly seconds: number
  readonly nanoseconds: number
}

export function instantOf(ticks: bigint): Instant {
  const seconds = ticks / ticksPerSecond
  return {
    seconds: Number(seconds - epochSeconds),
    nanoseconds: Number(ticks - seconds * ticksPerSecond) * 100,
  }
}

/** Undefined before 1601, which NTFS does not hold; what is finer than 100 ns is cut off. */
export function ticksOf(seconds: number, nanoseconds: number): bigint | undefined {
  const ticks = (BigInt(seconds) + epochSeconds) * ticksPerSecond + BigInt(Math.floor(nanoseconds / 100))
  // 0 and the negative ones mean "leave this time as it is".
  return ticks > 0n && ticks < 2n ** 63n ? ticks : undefined
}
