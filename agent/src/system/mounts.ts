/** What is mounted on this machine, as the kernel lists it. Paths have one character a byte. */
import { readFileSync } from 'node:fs'

const list = '/proc/self/mountinfo'

interface Mount {
  readonly id: string
  /** Major and minor number, with a colon between. */
  readonly device: string
  readonly path: string
  /** Of the file system, as in mount(8). */
  readonly type: string
}

/** The same text as long as the same is mounted below `path`: no notice tells of a disk that is mounted over a watched folder. */
export function mountsBelow(path: string, read: () => string = readList): string {
  const start = path === '/' ? '/' : `${path}/`
  return mounts(read())
    .filter(mount => mount.path.startsWith(start) && mount.path !== path)
    .map(mount => `${mount.id} ${mount.device} ${mount.path}`)
    .join('\n')
}

/** For these another machine answers, or another program, or nobody any more. */
const far = /^(nfs4?|cifs|smb3?|smbfs|9p|afs|ceph|coda|lustre|ncpfs|vboxsf|virtiofs|autofs|fuse(blk|\..+)?)$/

/** Where file systems lie whose calls may never return. Not the one that the system itself lies on: nobody could do without. */
export function farMounts(read: () => string = readList): string[] {
  const paths = mounts(read())
    .filter(({ type, path }) => far.test(type) && path !== '/')
    .map(({ path }) => path)
  return [...new Set(paths)]
}

/** By the name alone: a symlink may lead to one. One character a byte. */
export const isFarPath = (path: string, far = farMounts()): boolean =>
  far.some(mount => isWithin(path, mount))

/** The folder itself, or below it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || folder === '/' || path.startsWith(`${folder}/`)

/** proc(5): id, parent, device, root, mount point, options, further fields up to a dash, type; spaces and the like in octal digits. */
function mounts(text: string): Mount[] {
  return text.split('\n').flatMap(line => {
    const [before = '', after = ''] = line.split(' - ')
    const [id, , device, , point] = before.split(' ')
    if (id === undefined || device === undefined || point === undefined) return []
    const path = point.replaceAll(/\\(\d{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    )
    return [{ id, device, path, type: after.split(' ')[0] ?? '' }]
  })
}

function readList(): string {
  try {
    return readFileSync(list, 'latin1')
  } catch {
    // Without /proc nothing is known to change.
    return ''
  }
}
