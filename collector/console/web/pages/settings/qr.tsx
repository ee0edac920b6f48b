/** A QR code as a picture of one path: black on white in both themes, as cameras want it. */
import qrcode from 'qrcode'
import { useMemo } from 'react'

const quiet = 2

export function Qr({ text }: { readonly text: string }) {
  const { path, side } = useMemo(() => pathOf(text), [text])
  return (
    <svg
      className="qr"
      viewBox={`${-quiet} ${-quiet} ${side + 2 * quiet} ${side + 2 * quiet}`}
      role="img"
      aria-label="QR code"
    >
      <path d={path} />
    </svg>
  )
}

function pathOf(text: string): { readonly path: string; readonly side: number } {
  const { modules } = qrcode.create(text, { errorCorrectionLevel: 'M' })
  const side = modules.size
  const dark = Array.from(modules.data, (bit, at) =>
    bit ? `M${at % side} ${Math.floor(at / side)}h1v1h-1z` : '',
  )
  return { path: dark.join(''), side }
}
