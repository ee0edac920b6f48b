import assert from 'node:assert/strict'
import { test } from 'node:test'
import { farMounts, mountsBelow } from './mounts.ts'

const line = (id: number, device: string, point: string, type = 'ext4') =>
  `${id} 22 ${device} / ${point} rw,relatime shared:1 - ${type} /dev/sda1 rw`

test('what is mounted below a folder is told apart from what is mounted elsewhere', () => {
  const before = [line(22, '8:1', '/'), line(30, '8:2', '/home'), line(31, '0:5', '/homes/kim')].join('\n')
  const below = (path: string, text: string) => mountsBelow(path, () => text)
  assert.equal(below('/home', before), '')
  assert.equal(below('/', before).split('\n').length, 2)
  const mounted = `${before}\n${line(40, '8:3', '/home/kim/a\\040disk')}`
  assert.equal(below('/home', mounted), '40 8:3 /home/kim/a disk')
  assert.equal(below('/home/kim/a disk', mounted), '')
  // Another disk at the same place is another list; a damaged one is no error.
  assert.notEqual(below('/home', mounted), below('/home', mounted.replace('40 22 8:3', '41 22 8:4')))
  assert.equal(below('/home', 'x\n\n1 2'), '')
  assert.equal(typeof mountsBelow('/'), 'string')
})

test('far is what another machine or program answers for, and never the system itself', () => {
  const far = ['nfs', 'nfs4', 'cifs', 'smb3', '9p', 'fuse', 'fuse.sshfs', 'fuseblk', 'autofs', 'virtiofs']
  const near = ['ext4', 'xfs', 'btrfs', 'tmpfs', 'fusectl', 'overlay', 'nfsd', 'proc']
  const text = [...far, ...near].map((type, index) => line(index + 30, '0:9', `/mnt/${type}\\040a`, type))
  const all = [line(22, '8:1', '/', 'nfs4'), ...text, line(90, '0:9', '/mnt/nfs\\040a', 'nfs'), 'x', ''].join(
    '\n',
  )
  assert.deepEqual(
    farMounts(() => all),
    far.map(type => `/mnt/${type} a`),
  )
})
