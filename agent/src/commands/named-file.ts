/** Texts in files that a person names on a command line. */
import { text as readAll } from 'node:stream/consumers'
import { fromUtf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { readSmall } from '../keys/durable-file.ts'

/** Far more than a kit's page, a digest or the Trust of any fleet. */
const textBytesMax = 64 * 1024 * 1024

/** As `readNamedFile`; "-" is standard input. */
export async function readGiven(file: string): Promise<string> {
  return file === '-' ? readAll(process.stdin) : readNamedFile(file, 'file')
}

/** `what` is what it should be, such as "kit file". Throws `no_file`, `not_text`, `file_unreadable`, `file_too_large`. */
export async function readNamedFile(path: string, what: string, bytesMax = textBytesMax): Promise<string> {
  const bytes = await readSmall(path, bytesMax)
  if (bytes === undefined) {
    throw new Failure('no_file', `there is no ${what} "${path}"`, {
      hint: 'look for a slip of the pen, and in which folder this runs',
    })
  }
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw new Failure('not_text', `the ${what} "${path}" is not text`, { cause })
  }
}
