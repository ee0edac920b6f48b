/** Scripts that threads of this page run: its own files, and nothing else. Without such a rule the page's policy lets none run. */
interface Rules {
  createPolicy(
    name: string,
    rule: { createScriptURL(address: string): string },
  ): {
    createScriptURL(address: string): unknown
  }
}

const rules = (globalThis as { trustedTypes?: Rules }).trustedTypes?.createPolicy('own-scripts', {
  createScriptURL(address) {
    const { origin, pathname } = new URL(address, location.href)
    if (origin === location.origin && /^\/assets\/[\w.-]+\.js$/.test(pathname)) return address
    throw new TypeError('a script from elsewhere')
  },
})

/** `address`: of a file that was built with this page. */
export function ownScript(address: string): string {
  return (rules?.createScriptURL(address) ?? address) as string
}
