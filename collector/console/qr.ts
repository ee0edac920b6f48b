import qrcode from 'qrcode'

/** A QR code as an SVG element. Capitals, digits and hyphens take little more than half the room of other text. */
export function qrSvg(text: string): Promise<string> {
  return qrcode.toString(text, { type: 'svg', errorCorrectionLevel: 'Q', margin: 2 })
}
