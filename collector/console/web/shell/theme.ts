/** Light, dark, or as the system has it. Kept in this browser alone. */
export type Theme = 'system' | 'light' | 'dark'

export const themes: readonly Theme[] = ['system', 'light', 'dark']
const kept = 'backstay-theme'

export function chosenTheme(): Theme {
  try {
    const found = localStorage.getItem(kept)
    return themes.find(theme => theme === found) ?? 'system'
  } catch {
    return 'system'
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function chooseTheme(theme: Theme): void {
  applyTheme(theme)
  try {
    localStorage.setItem(kept, theme)
  } catch {
    // A browser that keeps nothing forgets the choice with the page.
  }
}
