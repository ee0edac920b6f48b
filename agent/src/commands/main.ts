/** The process of backstay-agent. */
import { keepHeapSmall } from '../threads/heap.ts'
import { runAgentCommand } from './backstay-agent.ts'
import { terminal } from './program.ts'

keepHeapSmall()
void main()

async function main(): Promise<void> {
  process.exitCode = await runAgentCommand(process.argv.slice(2), { terminal, environment: process.env })
}
