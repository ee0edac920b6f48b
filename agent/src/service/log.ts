/** Facts in the past, one line of JSON each. Never a name or content of a file: those are for `status` and `ls`. */
export type Level = 'info' | 'warn' | 'error'
export type Log = (level: Level, fact: string, fields?: Readonly<Record<string, unknown>>) => void

export function jsonLog(write: (line: string) => void, now: () => number): Log {
  return (level, msg, fields = {}) =>
    write(JSON.stringify({ level, time: new Date(now()).toISOString(), msg, ...fields }))
}
