/**
 * What Windows shows of a program in its properties, and inventories read: name, version and company, as a VERSIONINFO resource.
 * Node's own, its icon and its signature go: the program is no longer what they say.
 */
import { NtExecutable, NtExecutableResource, Resource } from 'resedit'

export interface About {
  /** The file, such as `backstay-agent.exe`. */
  readonly file: string
  /** What it is, for people. */
  readonly title: string
  /** Three numbers. */
  readonly version: string
}

/** Of winuser.h: RT_ICON, RT_GROUP_ICON, RT_VERSION. */
const replaced: readonly (string | number)[] = [3, 14, 16]
/** English of the United States, in UTF-16: every Windows shows it. */
const language = { lang: 0x409, codepage: 1200 } as const
/** Of verrsrc.h: VOS_NT_WINDOWS32, VFT_APP. */
const [windowsNt, application] = [0x4_0004, 1]

/** The same program with what is said about it. Same input, same bytes. Throws when it is no program of Windows. */
export function withVersion(program: Uint8Array, { file, title, version }: About): Buffer {
  const executable = NtExecutable.from(program, { ignoreCert: true })
  const resources = NtExecutableResource.from(executable)
  resources.entries = resources.entries.filter(({ type }) => !replaced.includes(type))
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const [high, low] = [major * 0x1_0000 + minor, patch * 0x1_0000]
  const about = Resource.VersionInfo.create({
    lang: language.lang,
    fixedInfo: {
      ...{ fileVersionMS: high, fileVersionLS: low, productVersionMS: high, productVersionLS: low },
      ...{ fileOS: windowsNt, fileType: application },
    },
    strings: [
      {
        ...language,
        values: {
          CompanyName: 'Backstay',
          FileDescription: title,
          FileVersion: version,
          InternalName: file.replace(/\.exe$/, ''),
          LegalCopyright: 'Licensed under Apache-2.0',
          OriginalFilename: file,
          ProductName: 'Backstay',
          ProductVersion: version,
        },
      },
    ],
  })
  about.outputToResourceEntries(resources.entries)
  resources.outputResource(executable)
  return Buffer.from(executable.generate())
}

/** What a program says about itself; undefined when it says nothing. */
export function versionOf(program: Uint8Array): Readonly<Record<string, string>> | undefined {
  const { entries } = NtExecutableResource.from(NtExecutable.from(program, { ignoreCert: true }))
  const [about] = Resource.VersionInfo.fromEntries(entries)
  const [spoken] = about?.getAllLanguagesForStringValues() ?? []
  return spoken === undefined ? undefined : about?.getStringValues(spoken)
}
