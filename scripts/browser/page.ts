// What runs in the browser: all known answers on the web set of primitives. Bundled by scripts/browser.test.ts.
import { contentVectorNames, runContentVectors } from '@backstay/proto/content/testing/vectors'
import { objectVectorNames, runObjectVectors } from '@backstay/proto/object/testing/vectors'
import type { VectorFile } from '@backstay/proto/testing/known-answers'
import { runTrustVectors } from '@backstay/proto/trust/testing/vectors'
import { webPrimitives } from '@backstay/proto/web'

export interface BrowserResult {
  readonly cases: number
  readonly failures: readonly string[]
}

declare global {
  // Asked for by the test.
  var knownAnswers: Promise<BrowserResult>
}

globalThis.knownAnswers = run()

async function run(): Promise<BrowserResult> {
  const names: string[] = await (await fetch('/vectors')).json()
  let cases = 0
  const failures: string[] = []
  for (const name of names) {
    const file: VectorFile = await (await fetch(`/vectors/${name}.json`)).json()
    cases += file.cases.length
    failures.push(...(await runnerOf(name)(webPrimitives, { [name]: file })))
  }
  return { cases, failures }
}

function runnerOf(name: string): typeof runTrustVectors {
  if ((objectVectorNames as readonly string[]).includes(name)) return runObjectVectors
  return (contentVectorNames as readonly string[]).includes(name) ? runContentVectors : runTrustVectors
}
