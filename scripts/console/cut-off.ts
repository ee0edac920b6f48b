/** What somebody who needs large letters, or has a small screen, could not reach or read: it sticks out of its panel or the window. */
import type { Page } from 'playwright-core'

/** Of a window of 1,280 at 400 %, as WCAG 2.2 §1.4.10 asks; a tablet; a small laptop. */
const widths = [320, 768, 1024] as const

/** The page is as wide as it was afterwards. */
export async function cutOff(page: Page): Promise<readonly string[]> {
  const before = page.viewportSize() ?? { width: 1440, height: 900 }
  const found: string[] = []
  for (const width of widths) {
    await page.setViewportSize({ ...before, width })
    const said = await page.evaluate(sticksOut)
    found.push(...said.map(one => `${width}: ${one}`))
  }
  await page.setViewportSize(before)
  return found
}

/** In the page, once it was laid out. What lies in something that scrolls can be reached. */
async function sticksOut(): Promise<readonly string[]> {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
  const edgeOf = (one: Element): number => {
    for (let up = one.parentElement; up !== null; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== 'visible') return Number.POSITIVE_INFINITY
      if (up.classList.contains('panel')) return up.getBoundingClientRect().right
    }
    return innerWidth
  }
  const found: string[] = []
  for (const one of document.querySelectorAll('body *')) {
    const { width, right } = one.getBoundingClientRect()
    if (width === 0 || right <= edgeOf(one) + 1 || one.closest('.unseen, .skip') !== null) continue
    found.push(
      `<${one.localName} class="${one.getAttribute('class') ?? ''}"> ${one.textContent?.slice(0, 40)}`,
    )
  }
  for (const panel of document.querySelectorAll('.panel')) {
    const isCut =
      panel.scrollHeight > panel.clientHeight + 1 && getComputedStyle(panel).overflowY === 'hidden'
    if (isCut) found.push(`a panel ends before what is in it: ${panel.textContent?.slice(0, 40)}`)
  }
  const main = document.querySelector('main')
  if (main !== null && main.scrollWidth > main.clientWidth) found.push('the page scrolls sideways')
  if (document.documentElement.scrollWidth > innerWidth) found.push('the window scrolls sideways')
  return found.slice(0, 4)
}
