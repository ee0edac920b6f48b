/**
 * What is the same on this machine after a new installation of its system (`hardware`), and after a new installation of the
 * agent alone (`system`). What many machines share, because their makers did not care, is no fact.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

export interface MachineFacts {
  readonly hardware: string | undefined
  readonly system: string | undefined
}

/** The seam to the system: the text of a file, and what a program printed. Both reject. */
export interface MachineSource {
  readonly platform: NodeJS.Platform
  read(path: string): Promise<string>
  run(program: string, words: readonly string[]): Promise<string>
}

const runMs = 10_000

export const thisSource: MachineSource = {
  platform: process.platform,
  read: path => readFile(path, 'utf8'),
  async run(program, words) {
    const { stdout } = await promisify(execFile)(program, [...words], { timeout: runMs, windowsHide: true })
    return stdout
  },
}

/** Never rejects. */
export async function machineFacts(source: MachineSource = thisSource): Promise<MachineFacts> {
  const { platform, read, run } = source
  const text = (asked: Promise<string>) => asked.catch(() => '')
  switch (platform) {
    case 'darwin': {
      const told = await text(run('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']))
      return { hardware: tellingOf(/"IOPlatformUUID" = "([^"]+)"/.exec(told)?.[1]), system: undefined }
    }
    case 'win32': {
      const folder = `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32`
      const query = ['query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid', '/reg:64']
      const ask = [
        '-NoProfile',
        '-NonInteractive',
        '-Command',
        '(Get-CimInstance Win32_ComputerSystemProduct).UUID',
      ]
      const [guid, uuid] = await Promise.all([
        text(run(`${folder}\\reg.exe`, query)),
        text(run(`${folder}\\WindowsPowerShell\\v1.0\\powershell.exe`, ask)),
      ])
      return { hardware: tellingOf(uuid), system: tellingOf(/MachineGuid\s+REG_SZ\s+(\S+)/.exec(guid)?.[1]) }
    }
    default: {
      const [uuid, serial, id] = await Promise.all([
        // Root's alone.
        text(read('/sys/class/dmi/id/product_uuid')),
        text(read('/sys/firmware/devicetree/base/serial-number')),
        text(read('/etc/machine-id')),
      ])
      return { hardware: tellingOf(uuid) ?? tellingOf(serial), system: tellingOf(id) }
    }
  }
}

/** Of makers who did not fill it in. */
const sharedByMany = ['03000200-0400-0500-0006-000700080009', '12345678-1234-5678-90ab-cddeefaabbcc']
const digitsMin = 12
const differentMin = 4

/** In one way of writing; undefined for what does not tell one machine from another. */
function tellingOf(text: string | undefined): string | undefined {
  const value = (text ?? '').replaceAll('\0', '').trim().toLowerCase()
  const digits = value.replaceAll('-', '')
  if (!/^[0-9a-f]+$/.test(digits) || digits.length < digitsMin) return undefined
  return new Set(digits).size < differentMin || sharedByMany.includes(value) ? undefined : value
}
