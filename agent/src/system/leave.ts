/** The end of a process, whatever holds up its threads. */
import { loadLinuxCalls } from './linux-calls.ts'

/** Node would wait for each of its threads first. What was written to a pipe lies there; nothing else is open any more. */
export async function leaveNow(code: number): Promise<never> {
  if (process.platform === 'linux') (await loadLinuxCalls())._exit(code)
  process.exit(code)
}
