/** The backup set that --root and --exclude describe. */
import { utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { rootFault } from '@backstay/proto/policy/places'
import { type BackupSet, excludesMax, rootsMax } from '@backstay/proto/policy/settings'

export interface BackupSetOptions {
  readonly root?: readonly string[]
  readonly exclude?: readonly string[]
}

/** Where people keep their files, by the admin's own system; said aloud when it is used. */
export function usualRoots(platform: NodeJS.Platform): readonly string[] {
  if (platform === 'win32') return ['C:\\Users']
  return platform === 'darwin' ? ['/Users'] : ['/home']
}

/** Throws `bad_root` or `bad_exclude`. */
export function backupSet(options: BackupSetOptions, roots: readonly string[]): BackupSet {
  const excludes = options.exclude ?? []
  for (const root of roots) {
    const fault = rootFault(utf8(root))
    if (fault === undefined) continue
    throw new Failure('bad_root', `"${root}" ${fault}`, {
      hint: 'a root is a folder on the devices, such as /home, C:\\Users or ~/Documents',
    })
  }
  if (roots.length > rootsMax)
    throw new Failure('bad_root', `${roots.length} roots are more than ${rootsMax}`)
  if (excludes.length > excludesMax) {
    throw new Failure('bad_exclude', `${excludes.length} excludes are more than ${excludesMax}`)
  }
  if (excludes.some(pattern => pattern === '' || /[\0\n]/.test(pattern))) {
    throw new Failure('bad_exclude', 'an exclude must be one pattern', { hint: "such as --exclude '*.tmp'" })
  }
  return { name: 'files', roots: roots.map(utf8), excludes: [...excludes], shareSegments: true, presets: [] }
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}
