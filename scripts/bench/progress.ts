/** What the bench says while it runs; results alone go to standard output. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`)

export const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`

export function mebibytes(bytes: number): string {
  if (bytes !== 0 && Math.abs(bytes) < 2 ** 18) return `${Math.round(bytes / 1024)} KiB`
  return `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 20 * 10 ? 1 : 0)} MiB`
}
