/** Where the socket of a state folder lies. */
import { openSync } from 'node:fs'

export const socketName = 'agent.sock'

/** A socket's path has at most 107 bytes; a state folder may lie deeper. */
export function throughHandle(folder: number): string {
  return `/proc/self/fd/${folder}/${socketName}`
}

export function openFolder(state: string): number | undefined {
  try {
    return openSync(state, 'r')
  } catch {
    return undefined
  }
}
