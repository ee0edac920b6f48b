/** Executables of a release that run here as they are. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Started {
  readonly process: ChildProcess
  /** The first line of JSON that it printed with `key`. */
  readonly said: Readonly<Record<string, unknown>>
}

/** Resolves when it printed that line. Throws when it ends before. */
export async function started(program: string, words: readonly string[], key: string): Promise<Started> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as Readonly<Record<string, unknown>>
    if (key in said) return { process: child, said }
  }
  throw new Error(`"${words[0]}" of ${program} did not start`)
}

export async function startCollector(
  program: string,
  data: string,
): Promise<{ readonly collector: ChildProcess; readonly setup: string; readonly urls: readonly string[] }> {
  const words = ['serve', '--data', data, '--listen', '127.0.0.1:0', '--json']
  const { process, said } = await started(program, words, 'setup')
  return { collector: process, setup: String(said.setup), urls: (said.urls ?? []) as readonly string[] }
}

export function ended(child: ChildProcess): Promise<void> {
  const done = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  return done
}
