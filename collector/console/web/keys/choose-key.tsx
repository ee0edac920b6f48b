/** In the collector's own page: a key file from the disk, where Trust allows it. Says what that trusts. */
import type { Overview } from '@backstay/proto/rest/overview'
import { useState } from 'react'
import { FileTrigger } from 'react-aria-components'
import { useAsk } from '../api/queries.ts'
import { Button } from '../parts/controls.tsx'
import { Panel } from '../parts/page.tsx'
import { Trouble } from '../parts/saying.tsx'
import { useKeys } from './keys.ts'

export function ChooseKey() {
  const { choose } = useKeys()
  const overview = useAsk<Overview>('/overview')
  const [error, setError] = useState<unknown>()
  if (choose === undefined || overview.data?.hostedKeys !== true) return null
  return (
    <Panel title="Open your key here">
      <div className="stack wide">
        <p className="soft">
          Your fleet allows keys in this page, which the collector serves. It is opened in this browser;{' '}
          <b>backstay console</b> does the same without trusting the collector.
        </p>
        {error !== undefined && <Trouble error={error} safe="Nothing left this browser." />}
        <FileTrigger
          onSelect={files => {
            const file = files?.[0]
            if (file !== undefined) choose(file).catch(setError)
          }}
        >
          <Button>Choose admin.key.age</Button>
        </FileTrigger>
      </div>
    </Panel>
  )
}
