/** Whether a container with a systemd of its own can be made here. */
import { spawnSync } from 'node:child_process'

let reason: string | undefined | 'not asked' = 'not asked'

/** Undefined: it can. `BACKSTAY_WITHOUT_SYSTEMD=1` says that it shall not, to see the stories as they run elsewhere. */
export function whyNoSystemd(): string | undefined {
  if (reason === 'not asked') reason = asked()
  return reason
}

export const hasSystemd = () => whyNoSystemd() === undefined

function asked(): string | undefined {
  if (process.env.BACKSTAY_WITHOUT_SYSTEMD === '1') return 'so it was wished'
  const words = [
    '--directory=/',
    '--volatile=yes',
    '--register=no',
    '--keep-unit',
    '--private-network',
    '--quiet',
  ]
  const tried = spawnSync('systemd-nspawn', [...words, '/bin/true'], { encoding: 'utf8', timeout: 60_000 })
  if (tried.error !== undefined) return 'there is no systemd-nspawn (apt-get install systemd-container)'
  return tried.status === 0 ? undefined : `this machine makes no containers: ${tried.stderr.trim()}`
}
