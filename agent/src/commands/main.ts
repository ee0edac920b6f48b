/** The process of backstay-agent. */
import { runAgentCommand } from './backstay-agent.ts'
import { terminal } from './program.ts'

process.exitCode = await runAgentCommand(process.argv.slice(2), { terminal, environment: process.env })
