/** What the collector says in small letters, as a sentence of a page; a command stays what it is. */
const isCommand = /^backstay(-\w+)? /

export function sentence(text: string): string {
  return isCommand.test(text) ? text : `${capital(text)}${/[.!?]$/.test(text) ? '' : '.'}`
}

export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
