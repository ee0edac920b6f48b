/** Everything in a root, so that two moments can be compared. */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** What a system writes by itself while it runs, or about each package that was ever there. */
const itsOwn = [
  /^\/(proc|sys|dev|run|tmp|root)\//,
  /^\/var\/(log|cache|tmp)\//,
  /^\/var\/lib\/(dpkg|apt|rpm|systemd|dbus)\//,
  /^\/etc\/(machine-id|resolv\.conf|\.updated|\.pwd\.lock|ld\.so\.cache)$/,
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/,
  /^\/var\/\.updated$/,
]

/** Path → what it is. Contents count where a package might have changed them: in /etc. */
export function listingOf(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const visit = (folder: string) => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = `${folder}/${name}`
      if (itsOwn.some(pattern => pattern.test(path))) continue
      const stat = lstatSync(join(root, path))
      found.set(path, `${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${contentOf(root, path)}`)
      if (stat.isDirectory()) visit(path)
    }
  }
  visit('')
  return found
}

function contentOf(root: string, path: string): string {
  const stat = lstatSync(join(root, path))
  if (stat.isSymbolicLink()) return readlinkSync(join(root, path))
  if (!stat.isFile() || !path.startsWith('/etc/')) return ''
  return createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex')
}

/** Paths that came, went or changed, with what they are now. */
export function differences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort()
  return paths
    .filter(path => before.get(path) !== after.get(path))
    .map(path => `${path}: ${after.get(path) ?? 'gone'}`)
}
