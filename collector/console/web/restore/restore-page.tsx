/** Where is the folder? */
import { Page } from '../parts/page.tsx'

export function RestorePage() {
  return (
    <Page title="Restore" about="Give back a file, a folder or a whole machine.">
      {null}
    </Page>
  )
}
