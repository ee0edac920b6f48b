/** What axe finds on a page, of those faults that keep people out. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

export interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly string[]
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Through the debugger, which the policy of the page does not bind. */
export async function faults(page: Page): Promise<readonly Finding[]> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Runtime.evaluate', { expression: axe })
  const { result } = await devtools.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)) })))`,
    awaitPromise: true,
    returnByValue: true,
  })
  await devtools.detach()
  return result.value as readonly Finding[]
}
