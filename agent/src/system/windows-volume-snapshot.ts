/**
 * Shadow copies of Windows (VSS), asked for through WMI by PowerShell: the service speaks COM, which no plain function call
 * reaches. Win32_ShadowCopy.Create makes one that stays until it is deleted, so each is deleted by its id.
 */
import { execFile } from 'node:child_process'
import { utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { VolumeSnapshots } from './volume-snapshot.ts'

export interface PowerShellRan {
  /** Null when it was ended because it took too long. */
  readonly code: number | null
  readonly out: string
}

export type RunPowerShell = (
  script: string,
  timeoutMs: number,
  signal?: AbortSignal,
) => Promise<PowerShellRan>

/** Writers of databases are told to come to rest, and may take this long to. */
const takeMs = 120_000
const deleteMs = 60_000

/** What Create returns, from the documentation of Win32_ShadowCopy. */
const reasons: Readonly<Record<number, string>> = {
  1: 'access denied',
  2: 'a word that Windows does not take',
  3: 'there is no such volume',
  4: 'the volume cannot have shadow copies',
  5: 'the context is not supported',
  6: 'there is too little space for it',
  7: 'the volume is in use',
  8: 'there are too many shadow copies already',
  9: 'another one is being made',
  10: 'a provider has vetoed it',
  11: 'there is no provider for it',
  12: 'its provider failed',
}

export function windowsVolumeSnapshots(run: RunPowerShell = runPowerShell): VolumeSnapshots {
  return {
    async take(volume, signal) {
      if (!/^[A-Z]:$/.test(volume)) throw failed(`"${volume}" is no drive`)
      const { code, out } = await run(takeScript(volume), takeMs, signal)
      if (code === null) throw failed(`Windows took longer than ${takeMs / 1000} s`)
      const made = parsed(out)
      if (code !== 0 || made === undefined) throw failed(reasonOf(code))
      return {
        // Opened as a folder: the device itself is none.
        path: utf8(`${made.device}\\`),
        name: made.id,
        async [Symbol.asyncDispose]() {
          // One that stays costs space, and goes when Windows needs that.
          await remove(made.id)
        },
      }
    },
    remove,
  }

  async function remove(id: string): Promise<boolean> {
    if (!idPattern.test(id)) return true
    return (await run(deleteScript(id), deleteMs).catch(() => undefined))?.code === 0
  }
}

const idPattern = /^\{[0-9A-Fa-f-]{36}\}$/

const takeScript = (volume: string): string =>
  [
    "$ErrorActionPreference = 'Stop'",
    `$made = (Get-WmiObject -List Win32_ShadowCopy).Create('${volume}\\', 'ClientAccessible')`,
    'if ($made.ReturnValue -ne 0) { exit 100 + $made.ReturnValue }',
    '$copy = Get-WmiObject Win32_ShadowCopy -Filter "ID=\'$($made.ShadowID)\'"',
    '@{ id = $copy.ID; device = $copy.DeviceObject } | ConvertTo-Json -Compress',
  ].join('\n')

const deleteScript = (id: string): string =>
  `Get-WmiObject Win32_ShadowCopy -Filter "ID='${id}'" | ForEach-Object { $_.Delete() }`

/** Both become parts of a script and of a path: nothing but what Windows writes there is taken. */
function parsed(out: string): { readonly id: string; readonly device: string } | undefined {
  try {
    const { id, device } = JSON.parse(out.trim()) as Record<string, unknown>
    const isId = typeof id === 'string' && idPattern.test(id)
    const isDevice =
      typeof device === 'string' &&
      /^\\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy\d{1,9}$/.test(device)
    return isId && isDevice ? { id, device } : undefined
  } catch {
    return undefined
  }
}

const reasonOf = (code: number): string =>
  code === 0
    ? 'Windows answered with something else'
    : (reasons[code - 100] ?? `PowerShell ended with exit code ${code}`)

const failed = (why: string): Failure =>
  new Failure('snapshot_failed', why, { hint: 'see: vssadmin list writers' })

/** By its whole path, so that nobody's program of this name is run. */
function runPowerShell(script: string, timeoutMs: number, signal?: AbortSignal): Promise<PowerShellRan> {
  const folder = process.env.SystemRoot ?? 'C:\\Windows'
  const program = `${folder}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`
  const encoded = Buffer.from(script, 'utf16le').toString('base64')
  const words = ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded]
  const options = { timeout: timeoutMs, windowsHide: true, ...(signal && { signal }) }
  return new Promise((resolve, reject) => {
    execFile(program, words, options, (error, out) => {
      if (error === null) resolve({ code: 0, out })
      else if (error.killed === true) resolve({ code: null, out })
      else if (typeof error.code === 'number') resolve({ code: error.code, out })
      else reject(failed(`PowerShell cannot be run (${error.code ?? error.message})`))
    })
  })
}
