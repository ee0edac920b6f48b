/** A share on a file server that can be made to fall silent: a folder that another process serves, which only root can mount. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface Share extends AsyncDisposable {
  /** From now on whoever touches it waits for `speak`. */
  fallSilent(): void
  speak(): void
}

/** `source` at `path`. Undefined where it cannot be mounted, which bindfs and /dev/fuse are needed for. */
export async function mountShare(source: string, path: string): Promise<Share | undefined> {
  for (const folder of [source, path]) mkdirSync(folder, { recursive: true })
  const server = spawn('bindfs', ['-f', source, path], { stdio: 'ignore' })
  let isOver = false
  const over = Promise.race([once(server, 'exit'), once(server, 'error')]).then(() => {
    isOver = true
  })
  // What is mounted goes with it.
  const kill = () => server.kill('SIGKILL')
  process.once('exit', kill)
  while (!isOver && !readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `)) await delay(5)
  if (isOver) return undefined
  return {
    fallSilent: () => void server.kill('SIGSTOP'),
    speak: () => void server.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      server.kill('SIGCONT')
      const [code] = await once(spawn('umount', ['--lazy', path], { stdio: 'ignore' }), 'exit')
      if (code !== 0) throw new Error(`"${path}" cannot be unmounted`)
      await over
      process.removeListener('exit', kill)
    },
  }
}
