/** Where the lines of the kit are typed, or its saved page is chosen. */
import { FileTrigger } from 'react-aria-components'
import { Button, Field } from '../../parts/controls.tsx'

interface KitProps {
  readonly kit: string
  readonly onKit: (kit: string) => void
}

export function KitLines({ kit, onKit }: KitProps) {
  return (
    <Field
      label="Lines of the recovery kit"
      help="As they are printed: capitals and spaces do not matter. They go to the thread with your key and nowhere else."
      lines={4}
      value={kit}
      onChange={onKit}
      autoComplete="off"
      isRequired
    />
  )
}

export function KitPage({ onKit }: Pick<KitProps, 'onKit'>) {
  return (
    <FileTrigger
      acceptedFileTypes={['.html', '.txt', 'text/html', 'text/plain']}
      onSelect={async files => onKit((await files?.item(0)?.text()) ?? '')}
    >
      <Button>From its saved page…</Button>
    </FileTrigger>
  )
}
