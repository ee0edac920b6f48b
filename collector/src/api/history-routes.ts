/** The last days, for charts. */
import { overviewRoutes } from '@backstay/proto/rest/overview'
import type { Samples } from '../samples/samples.ts'
import { type Answering, answering } from './answer.ts'

export function historyRoutesOf({ samples }: { readonly samples: Pick<Samples, 'history'> }): Answering[] {
  return [
    answering(overviewRoutes.history, async ({ query }) => ({ days: await samples.history(query.days) })),
  ]
}
