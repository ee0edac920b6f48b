/** Results go to standard output, everything said to people to standard error, so that --json output stays clean. */
import { createInterface, type Interface } from 'node:readline/promises'
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
  // One reader for all questions: a second one would lose what the first has buffered.
  let reader: Interface | undefined
  const lines = () => {
    reader ??= createInterface({ input, output: shown, terminal: input.isTTY })
    return reader
  }
  return {
    interactive: input.isTTY === true,
    print: text => void output.write(`${text}\n`),
    say: text => void errors.write(`${text}\n`),
    async ask(question, { hidden = false } = {}) {
      errors.write(question)
      echo.hidden = hidden
      try {
        return await answer(lines())
      } finally {
        echo.hidden = false
        if (hidden) errors.write('\n')
      }
    },
    [Symbol.dispose]: () => reader?.close(),
  }
}

async function answer(reader: Interface): Promise<string> {
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  reader.once('close', stop)
  reader.once('SIGINT', stop)
  try {
    return await reader.question('', { signal: stopped.signal })
  } catch (cause) {
    throw new Failure('no_answer', 'the question was not answered', { cause })
  } finally {
    reader.off('close', stop)
    reader.off('SIGINT', stop)
  }
}
