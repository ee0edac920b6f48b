/** A real collector on a data folder, with the page that it serves. */
import { type Running, start } from '../drills/processes.ts'

export interface ServedConsole extends AsyncDisposable {
  /** `https://localhost:PORT` */
  readonly url: string
  /** `wss://…`, for agents. */
  readonly link: string
  /** Good for the first owner; '' when there is one. */
  readonly code: string
  /** The set-up string; '' when it serves a fleet. */
  readonly setup: string
  readonly running: Running
}

export interface ServeOptions {
  readonly words?: readonly string[]
  readonly port?: number
}

/** Retention and scrub rest: what a made fleet holds opens to nothing, and its snapshots shall stay. */
export async function serveConsole(data: string, options: ServeOptions = {}): Promise<ServedConsole> {
  const running = start('collector', [
    ...['serve', '--json', '--data', data, '--listen', `127.0.0.1:${options.port ?? 0}`],
    ...['--collect-hours', '0', '--scrub-days', '0', '--handshakes-per-minute', '0'],
    ...['--web-name', 'localhost', ...(options.words ?? [])],
  ])
  const line = await running.line(one => one.includes('"event":"started"'))
  const said = JSON.parse(line) as {
    readonly port: number
    readonly setup?: string
    readonly signInCode?: string
  }
  return {
    url: `https://localhost:${said.port}`,
    link: `wss://localhost:${said.port}`,
    code: said.signInCode ?? '',
    setup: said.setup ?? '',
    running,
    async [Symbol.asyncDispose]() {
      await running.end('SIGTERM')
    },
  }
}
