/** The console in a browser. It holds the keys when there are any; whoever serves it sees sealed bytes and signed records. */
import { createRoot } from 'react-dom/client'
import './styles/tokens.css'
import './styles/base.css'
import './parts/table.css'
import './parts/tabs.css'
import { App } from './app.tsx'
import { applyTheme, chosenTheme } from './shell/theme.ts'

const root = document.getElementById('app')
if (root === null) throw new Error('the page has no place for the app')
applyTheme(chosenTheme())
createRoot(root).render(<App />)
