import { runBackstay } from '../../collector/console/program.ts'

await runBackstay({ scryptLogN: 10 })
