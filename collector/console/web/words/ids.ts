/** Keys and ids by their beginning; the whole is shown on hover. */
export function shortText(text: string): string {
  return text.replaceAll(/[0-9a-f]{32,}/g, id => `${id.slice(0, 12)}…`)
}
