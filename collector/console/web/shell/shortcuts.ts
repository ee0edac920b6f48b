/** Keys of the whole page. Whoever types into a field types; everywhere else a letter is a command. */
import { useEffect } from 'react'
import { places } from './places.ts'

export interface Shortcuts {
  readonly search: () => void
  readonly help: () => void
  readonly go: (path: string) => void
}

/** Between `g` and the letter of the place. */
const chordMs = 1_500

export function useShortcuts({ search, help, go }: Shortcuts): void {
  useEffect(() => {
    let chordUntil = 0
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return
      if (event.timeStamp < chordUntil) {
        chordUntil = 0
        const place = places.find(({ key }) => key === event.key)
        if (place !== undefined) {
          event.preventDefault()
          go(place.path)
          return
        }
      }
      if (event.key === 'g') chordUntil = event.timeStamp + chordMs
      else if (event.key === '/') {
        event.preventDefault()
        search()
      } else if (event.key === '?') help()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [search, help, go])
}

/** Also where a list or a menu takes letters itself, and while a dialog is open. */
export function isTyping({ target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null
  )
}
