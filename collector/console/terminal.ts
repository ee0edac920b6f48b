/** Results go to standard output, everything said to people to standard error, so that --json output stays clean. */
import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { Failure } from '@backstay/proto/failure'

export interface Terminal extends Disposable {
  /** Whether a person is there to answer. */
  readonly interactive: boolean
  /** A result, with a line break behind it. */
  print(text: string): void
  /** Something for people, with a line break behind it. */
  say(text: string): void
  /** One line of answer. `hidden`: what is typed is not shown. Throws `no_answer` at the end of input or when interrupted. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>
}

export interface Streams {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  readonly errors: NodeJS.WriteStream
}

export function processTerminal(streams: Streams): Terminal {
  const { input, output, errors } = streams
  const echo = { hidden: false }
  const shown = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      if (!echo.hidden) errors.write(chunk)
      done()
    },
  })
  // One reader for all questions: a second one would lose what the first has read ahead.
  let reader: Lines | undefined
  return {
    interactive: input.isTTY === true,
    print: text => void output.write(`${text}\n`),
    say: text => void errors.write(`${text}\n`),
    async ask(question, { hidden = false } = {}) {
      const isTyped = input.isTTY === true
      reader ??= readLines(createInterface({ input, output: shown, terminal: isTyped }))
      if (hidden) errors.write(question)
      echo.hidden = hidden
      let endsLine = false
      try {
        const line = await reader.next(hidden ? '' : question)
        endsLine = isTyped && !hidden
        return line
      } finally {
        echo.hidden = false
        // Who types what is shown ends the line himself.
        if (!endsLine) errors.write('\n')
      }
    },
    [Symbol.dispose]: () => reader?.close(),
  }
}

interface Lines {
  /** Throws `no_answer` at the end of input and when interrupted. */
  next(prompt: string): Promise<string>
  close(): void
}

/** Keeps the lines that come before they are asked for, as they do from a pipe. */
function readLines(reader: Interface): Lines {
  const waiting: string[] = []
  let ended = false
  let wake = () => {}
  reader.on('line', line => {
    waiting.push(line)
    wake()
  })
  reader.on('close', () => {
    ended = true
    wake()
  })
  reader.on('SIGINT', () => reader.close())
  return {
    async next(prompt) {
      if (!ended) {
        reader.setPrompt(prompt)
        reader.prompt()
      }
      while (waiting.length === 0 && !ended) await new Promise<void>(resolve => (wake = resolve))
      const line = waiting.shift()
      if (line === undefined) throw new Failure('no_answer', 'the question was not answered')
      return line
    },
    close: () => reader.close(),
  }
}
