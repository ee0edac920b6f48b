/** `backstay-collector release`: the releases of the agent that this collector hands out. It may run meanwhile. */
import { join } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { Command } from 'commander'
import { bytesText } from '../amounts.ts'
import { type HeldRelease, type PackageStore, packageStore } from '../releases/package-store.ts'
import { type Flags, readSettings, withSettings } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

export function releaseCommand(around: Surroundings): Command {
  const command = new Command('release').description('releases of the agent that devices may fetch here')
  const one = (name: string, what: string, words: string, deed: Deed) =>
    command.addCommand(
      withSettings(new Command(name).description(what).argument(...argument(words)), [
        'data',
        'releaseKey',
      ]).action((word: string, flags: Flags) => act(around, flags, store => deed(store, word, around))),
    )
  one('add', 'take in a folder that `npm run package -- --key FILE` made', 'folder', add)
  one('stop', 'hand a release out no further', 'version', say('stop', 'is handed out no further'))
  one(
    'go',
    'hand it out whatever the devices say',
    'version',
    say('go', 'is handed out, whatever devices say'),
  )
  one(
    'auto',
    'let the health of the devices decide again',
    'version',
    say(undefined, 'is handed out while devices are well'),
  )
  one('remove', 'give the room of an older release back', 'version', remove)
  const list = new Command('list').description('what is here').option('--json', 'print it as JSON')
  withSettings(list, ['data', 'releaseKey']).action((flags: Flags) =>
    act(around, flags, async store => {
      const held = await store.list()
      around.print(flags.json === true ? JSON.stringify(held.map(asJson)) : listText(held))
    }),
  )
  return command.addCommand(list)
}

type Deed = (store: PackageStore, word: string, around: Surroundings) => Promise<void>

const argument = (word: string): [string, string] =>
  word === 'folder' ? ['<folder>', 'with release.dsse and the packages'] : ['<version>', 'such as 1.4.0']

const add: Deed = async (store, folder, { print, say }) => {
  const { version, files } = await store.add(folder)
  print(`release ${version} is here, with ${files.length} packages`)
  say('devices fetch it when their policy names it: backstay policy edit, version')
}

const remove: Deed = async (store, version, { print, say }) => {
  const { files } = await store.remove(version)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  print(`release ${version} is gone: ${bytesText(bytes)}`)
  say('a device whose policy still names it gets none: backstay policy edit, version')
}

function say(word: HeldRelease['word'], told: string): Deed {
  return async (store, version, { print }) => {
    await store.say(version, word)
    print(`release ${version} ${told}`)
  }
}

async function act(
  { environment }: Surroundings,
  flags: Flags,
  deed: (store: PackageStore) => Promise<void>,
): Promise<void> {
  const { data, releaseKey } = readSettings(flags, environment)
  if (releaseKey === undefined) {
    throw new Failure('no_release_key', 'this collector knows no release key, so it can believe no release', {
      hint: 'name the file that came with your release: --release-key release-key.pem',
    })
  }
  await deed(packageStore(p, join(data, 'releases'), releaseKey))
}

function asJson({ release, word }: HeldRelease): object {
  const { version, issuedAtMs, files } = release
  return { version, issuedAtMs, word, packages: files.map(({ name, bytes }) => ({ name, bytes })) }
}

function listText(held: readonly HeldRelease[]): string {
  if (held.length === 0) return 'no release yet; add one with: backstay-collector release add FOLDER'
  const line = ({ release: { version, files }, word }: HeldRelease) => {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const said = word === 'stop' ? ', stopped' : word === 'go' ? ', handed out whatever devices say' : ''
    return `${version}: ${files.length} packages, ${bytesText(bytes)}${said}`
  }
  return held.map(line).join('\n')
}
