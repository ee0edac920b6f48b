/** The process of backstay-agent. */
import { outliveOutput, terminal } from '@backstay/proto/command-line'
import { leaveNow } from '../system/leave.ts'
import { isAnyHeldUp } from '../threads/bounded-threads.ts'
import { keepHeapSmall } from '../threads/heap.ts'
import { isAnyPlaceAsked } from '../vitals/asked-places.ts'
import { runAgentCommand } from './backstay-agent.ts'

outliveOutput()
keepHeapSmall()
void main()

async function main(): Promise<void> {
  const code = await runAgentCommand(process.argv.slice(2), { terminal, environment: process.env })
  process.exitCode ||= code
  if (isAnyHeldUp() || isAnyPlaceAsked()) await leaveNow(code)
}
