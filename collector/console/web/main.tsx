/** The console in a browser. It holds the keys when there are any; whoever serves it sees sealed bytes and signed records. */
import { createRoot } from 'react-dom/client'
import './styles/tokens.css'
import './styles/base.css'
import './parts/table.css'
import './parts/tabs.css'
import { App } from './app.tsx'
import { enterConsole } from './keys/enter.ts'
import type { Keys } from './keys/keys.ts'
import { consoleKeys, workerKeys } from './keys/worker-keys.ts'
import { applyTheme, chosenTheme } from './shell/theme.ts'
import { signInPath, takeWayBack, withWhatWasBehind } from './shell/way-back.ts'

const root = document.getElementById('app')
if (root === null) throw new Error('the page has no place for the app')
applyTheme(chosenTheme())
standWhereOneWas()
createRoot(root).render(<App keys={await keysOfPage()} />)

/** Before anybody reads the address. A sign-in that needs another step takes its way back later. */
function standWhereOneWas(): void {
  if (location.pathname === signInPath) return
  const here = `${location.pathname}${location.search}${location.hash}`
  const back = withWhatWasBehind(here, takeWayBack(sessionStorage, Date.now()))
  if (back !== here) history.replaceState(null, '', back)
}

/** `backstay console` marks its page and hands over the key file; a collector's page waits for one that a person chooses. */
async function keysOfPage(): Promise<Keys> {
  const isLocal = document.querySelector('meta[name="backstay-console"]') !== null
  if (!isLocal) return workerKeys(undefined)
  await enterConsole()
  return workerKeys(await consoleKeys())
}
