/** Log lines are facts in the past with fields; what they must never hold is in docs/operations.md. */
import { type DestinationStream, type Logger, pino } from 'pino'

/** One child a room: `log.child({ room: 'link' })`. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> & { child(fields: object): Log }

export const logLevels = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/** JSON lines. Of an error only what we wrote ourselves goes in: code, message and hint; a crash brings its stack. */
export function openLog(level: LogLevel, destination: DestinationStream): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { error: describe },
    },
    destination,
  )
}

export const silentLog: Log = pino({ level: 'silent' })

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  if (!('code' in error)) return { message: error.message, stack: error.stack }
  const hint = 'hint' in error ? error.hint : undefined
  return { code: error.code, message: error.message, ...(hint === undefined ? {} : { hint }) }
}
