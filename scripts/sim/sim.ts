// npm run sim -- SEED [--days N] [--healing N] [--runs N] [--events]: simulates, prints what was wrong, and ends with 1 when
// anything was.
import { parseArgs } from 'node:util'
import { healingDaysUsual, simulate } from './simulate.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    days: { type: 'string', default: '20' },
    healing: { type: 'string', default: `${healingDaysUsual}` },
    runs: { type: 'string', default: '1' },
    laptops: { type: 'string', default: '2' },
    events: { type: 'boolean', default: false },
  },
})
const first = Number(positionals[0] ?? Date.now() & 0xffffff)
const { days, healing, runs, laptops } = values
const sizes = { days: Number(days), healingDays: Number(healing), laptops: Number(laptops) }
let bad = 0
for (let seed = first; seed < first + Number(runs); seed++) {
  const onEvent = values.events ? { onEvent: (line: string) => console.log(line) } : {}
  try {
    const { hash, wrong, weather: _, ...facts } = await simulate({ seed, ...sizes, ...onEvent })
    console.log(JSON.stringify({ seed, ...facts, hash: hash.slice(0, 16), wrong: wrong.slice(0, 20) }))
    if (wrong.length > 0) bad++
  } catch (error) {
    bad++
    console.log(JSON.stringify({ seed, error: error instanceof Error ? error.stack : String(error) }))
  }
}
process.exitCode = bad > 0 ? 1 : 0
