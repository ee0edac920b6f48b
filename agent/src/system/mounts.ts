/** What is mounted below a folder, as the kernel lists it: no notice tells of a disk that is mounted over a watched folder. */
import { readFileSync } from 'node:fs'

const list = '/proc/self/mountinfo'

/** The same text as long as the same is mounted there. `path` and the list: one character a byte. */
export function mountsBelow(path: string, read: () => string = readList): string {
  const start = path === '/' ? '/' : `${path}/`
  return read()
    .split('\n')
    .flatMap(line => {
      // proc(5): id, parent, device, root, mount point, …; spaces and the like in octal digits.
      const [id, , device, , point = ''] = line.split(' ')
      const place = point.replaceAll(/\\(\d{3})/g, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 8)),
      )
      return place.startsWith(start) && place !== path ? `${id} ${device} ${place}` : []
    })
    .join('\n')
}

function readList(): string {
  try {
    return readFileSync(list, 'latin1')
  } catch {
    // Without /proc nothing is known to change.
    return ''
  }
}
