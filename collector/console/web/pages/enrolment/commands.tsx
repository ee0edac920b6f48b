/** What is run on the machine, for each system. The token is a secret until it is used up: it is shown once. */

import { Button } from '../../parts/controls.tsx'
import { Copied } from '../../parts/copied.tsx'
import { Panel } from '../../parts/page.tsx'

const systems = [
  {
    name: 'Linux',
    command: (token: string) => `sudo backstay-agent enroll '${token}' && sudo backstay-agent run`,
  },
  {
    name: 'macOS',
    command: (token: string) => `sudo backstay-agent enroll '${token}' && sudo backstay-agent run`,
  },
  {
    name: 'Windows',
    command: (token: string) => `backstay-agent.exe enroll "${token}"; backstay-agent.exe run`,
  },
] as const

export function Commands({ token, onClose }: { readonly token: string; readonly onClose: () => void }) {
  return (
    <Panel
      title="Run this on the machine"
      actions={
        <Button look="quiet" small onPress={onClose}>
          Done
        </Button>
      }
    >
      <div className="stack wide">
        <p className="soft">
          The token is shown this once. Whoever has it can join with a machine, and with nothing else.
        </p>
        {systems.map(({ name, command }) => (
          <div key={name} className="stack">
            <h3>{name}</h3>
            <Copied text={command(token)} label={`Copy the command for ${name}`} />
          </div>
        ))}
      </div>
    </Panel>
  )
}
