/** Runs a command line and says in one sentence what went wrong: of all three programs. */
import { type Command, CommanderError } from 'commander'
import { Failure, isFailure, nextStep } from './failure.ts'

/** 0 done; 1 failed; 2 misused; 3 done, but there are files that were not read or not restored. */
export const exitCodes = { done: 0, failed: 1, misused: 2, incomplete: 3 } as const

export interface Terminal {
  /** Results, to standard output. */
  print(text: string): void
  /** Everything else, to standard error. */
  say(text: string): void
}

export const terminal: Terminal = {
  print: text => void process.stdout.write(`${text}\n`),
  say: text => void process.stderr.write(`${text}\n`),
}

/**
 * What a program prints may go nowhere: whoever read it left (`| head`), or the disk that it goes to is full. The first is nobody's
 * mistake, and ends no program that protects something; the second is said once, and the exit code is not 0. For each process once.
 */
export function outliveOutput({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): void {
  stderr.on('error', () => undefined)
  let isSaid = false
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isSaid) return
    isSaid = true
    stderr.write(`error: what was found or done cannot be written out: ${error.message}\n`)
    stderr.write('hint: what was done stays done; see that there is room where the output goes\n')
    process.exitCode = exitCodes.failed
  })
}

/**
 * Calls `end` when somebody wants the process to end: a service manager, Ctrl+C, a terminal that is closed. Of each kind once:
 * whoever asks twice does not want to wait.
 */
export function whenToldToEnd(end: () => void): Disposable {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, end)
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, end)
    },
  }
}

/** A command throws this to end with another exit code than 0 although it did what it was asked. */
export class ExitCode extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exit code ${code}`)
    this.code = code
  }
}

/** Where a program speaks, and what it was told besides its words. */
export interface ProgramSurroundings {
  readonly terminal: Terminal
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Aborted when the person interrupts. */
  readonly signal?: AbortSignal
}

/** Returns the exit code. `words` are the arguments behind the command's name. */
export async function runProgram(
  program: Command,
  words: readonly string[],
  around: ProgramSurroundings,
): Promise<number> {
  prepare(program, around.terminal)
  program.hook('preAction', (_, command) => requireValues(command))
  try {
    requireFolder()
    await program.parseAsync([...words], { from: 'user' })
    return exitCodes.done
  } catch (error) {
    return explain(error, commandOf(program, words), around)
  }
}

/** An empty one is a variable of a script that is not set, and an empty path would mean the current folder. */
function requireValues(command: Command): void {
  const values = command.opts()
  for (const option of command.options) {
    const name = option.attributeName()
    if (command.getOptionValueSource(name) !== 'cli') continue
    const value: unknown = values[name]
    if (value !== '' && !(Array.isArray(value) && value.includes(''))) continue
    throw new Failure('empty_option', `${option.long ?? option.flags} is empty`, {
      hint: 'say what is meant; where a script says it, see whether its variable is set',
    })
  }
}

/** Paths are told from it, and without it no thread starts. */
function requireFolder(): void {
  try {
    process.cwd()
  } catch (cause) {
    throw new Failure('no_current_folder', 'the folder in which this was typed is not there any more', {
      hint: 'change to another folder and type it again',
      cause,
    })
  }
}

function prepare(command: Command, to: Terminal): void {
  command.exitOverride().showHelpAfterError('hint: add --help')
  command.configureOutput({
    writeOut: text => to.print(text.trimEnd()),
    writeErr: text => to.say(text.trimEnd()),
    outputError: (text, write) => write(inWords(command, text)),
  })
  for (const below of command.commands) prepare(below, to)
}

/** What commander says of a word that a command does not take, with the words that it does. */
function inWords(command: Command, text: string): string {
  const { args, registeredArguments, parent } = command
  if (text.startsWith('error: unknown command') && parent !== null) return unknownTo(command, args[0])
  if (!text.startsWith('error: too many arguments')) return text
  const word = args[registeredArguments.length]
  // Often meant as a command beside the one that is the default there.
  if (parent?.parent && registeredArguments.length === 0) return unknownTo(parent, word)
  return `error: "${word}" is one word more than ${command.name()} takes`
}

function unknownTo(command: Command, word = ''): string {
  const known = command.commands.map(one => one.name()).join(', ')
  return `error: "${word}" means nothing to ${command.name()}, which knows ${known}`
}

/** The command that was typed, for `--help`. */
function commandOf(program: Command, words: readonly string[]): string {
  const known = program.commands.find(command => command.name() === words[0])
  return known === undefined ? program.name() : `${program.name()} ${known.name()}`
}

function explain(
  error: unknown,
  command: string,
  { terminal: to, environment, signal }: ProgramSurroundings,
): number {
  if (error instanceof ExitCode) return error.code
  // Commander has printed its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.misused
  if (isFailure(error)) {
    to.say(`error: ${error.message}`)
    to.say(`hint: ${nextStep(error, command)}`)
    return error.code === 'bad_settings' ? exitCodes.misused : exitCodes.failed
  }
  if (signal?.aborted) {
    to.say('error: interrupted')
    to.say('hint: what was signed or sent before stays as it is; the same command again looks, or goes on')
    return exitCodes.failed
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EMFILE' || code === 'ENFILE') {
    to.say(`error: too many files are open (${code})`)
    to.say('hint: let it open more (ulimit -n) or end what else runs, and try again: nothing is lost')
    return exitCodes.failed
  }
  to.say(`error: unexpected: ${error instanceof Error ? error.message : String(error)}`)
  to.say('hint: this is a mistake in Backstay; run again with BACKSTAY_DEBUG=1 and report what it says')
  if (environment.BACKSTAY_DEBUG !== undefined && error instanceof Error) to.say(error.stack ?? '')
  return exitCodes.failed
}
