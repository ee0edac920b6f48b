/** How an installation is killed at each of its steps: a program by its system calls, scripts by the commands that they run. */
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CleanRoot } from './machine/clean-root.ts'

export interface Way {
  /** What is counted. */
  readonly name: string
  /** The command that runs `command` and kills it before step `count`. It ends with 0 when there are fewer. */
  readonly kill: (command: string, count: number) => string
}

/** Every way in which files get their names and lose them. */
const calls = [
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'unlink',
  'unlinkat',
  'symlink',
  'symlinkat',
  'mkdir',
  'mkdirat',
]

/** Of the one program that the command starts. */
export const byCalls: readonly Way[] = calls.map(name => ({
  name,
  kill: (command, count) =>
    `strace -qq -o /dev/null -e trace=${name} -e inject=${name}:signal=KILL:when=${count} ${command}`,
}))

/** Whatever scripts change files with. */
const commands = ['chmod', 'cp', 'install', 'ln', 'mkdir', 'mv', 'rm', 'sync', 'systemctl', 'touch']
const folder = '/killers'

/** Kills the whole process group, so that no script goes on behind a command that failed. */
export const byCommands: Way = {
  name: 'command',
  kill: (command, count) => {
    const [at, done] = [`${folder}/at`, `${folder}/count`]
    return `echo 0 >${done}; echo ${count} >${at}; setsid --fork --wait ${command}; status=$?; echo 0 >${at}; exit $status`
  },
}

/** Commands of this root count their calls, and kill whoever calls them when it is time. */
export function putKillers({ path }: CleanRoot): void {
  mkdirSync(join(path, folder))
  for (const name of ['at', 'count']) writeFileSync(join(path, folder, name), '0\n')
  for (const name of commands) {
    const real = join(path, 'usr/bin', name)
    if (!existsSync(real)) throw new Error(`assertion failed: ${name} is in /usr/bin`)
    renameSync(real, join(path, folder, name))
    writeFileSync(real, killer(name))
    chmodSync(real, 0o755)
  }
}

const killer = (name: string) => `#!/bin/sh
read -r at <${folder}/at
read -r count <${folder}/count
count=$((count + 1))
echo $count >${folder}/count
[ $count != "$at" ] || kill -9 0
exec ${folder}/${name} "$@"
`
