/** The battery of a Mac, as `pmset` prints it. */
import { execFile } from 'node:child_process'
import type { Power } from './power.ts'

const askMs = 2000

export function macosPower(): Promise<Power | undefined> {
  return new Promise(resolve => {
    execFile('/usr/bin/pmset', ['-g', 'batt'], { timeout: askMs }, (error, out) =>
      resolve(error === null ? powerIn(out) : undefined),
    )
  })
}

/**
 *     Now drawing from 'Battery Power'
 *      -InternalBattery-0 (id=4653155)	95%; discharging; 8:06 remaining present: true
 */
export function powerIn(out: string): Power | undefined {
  const batteries = [...out.matchAll(/^ -InternalBattery.*\t(\d{1,3})%; /gm)].map(([, text]) => Number(text))
  const source = /^Now drawing from '([^']*)'/m.exec(out)?.[1]
  if (batteries.length === 0 || source === undefined || !batteries.every(one => one <= 100)) return undefined
  return { percent: Math.min(...batteries), charging: source !== 'Battery Power' }
}
