/** Whether somebody sits here: a page asks by itself all day, and a session is to end half an hour after its person's last word. */
const idleMs = 60_000
let lastMs = Date.now()

for (const kind of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'])
  globalThis.addEventListener?.(
    kind,
    () => {
      lastMs = Date.now()
    },
    { capture: true, passive: true },
  )

export function isIdle(): boolean {
  return Date.now() - lastMs >= idleMs
}
