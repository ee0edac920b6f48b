/** `backstay`, the admin's side, as a program. */
import { runBackstay } from './program.ts'

await runBackstay()
