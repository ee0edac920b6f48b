/** What a person may counts after a second factor: nothing else is shown before. */
import { Page } from '../../parts/page.tsx'
import { usePerson } from '../../shell/session.ts'
import { MyFactors } from './my-factors.tsx'

export function FactorNeeded() {
  const { name } = usePerson()
  return (
    <Page title={`Welcome, ${name}`} about="One more step, and the console is yours.">
      <MyFactors />
    </Page>
  )
}
