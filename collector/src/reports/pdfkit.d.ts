/** As much of pdfkit as pdf.ts uses; its own types are made for another version. */
declare module 'pdfkit' {
  interface Options {
    readonly size: string
    readonly layout: 'portrait' | 'landscape'
    readonly margin: number
    readonly bufferPages: boolean
    readonly info: { readonly Title: string; readonly Author: string; readonly CreationDate: Date }
  }
  interface TextOptions {
    readonly width?: number
    readonly height?: number
    readonly align?: 'left' | 'right'
    readonly lineBreak?: boolean
    readonly ellipsis?: boolean
  }
  export default class PdfDocument {
    constructor(options: Options)
    readonly page: { readonly width: number; readonly height: number; readonly margins: { bottom: number } }
    readonly y: number
    on(event: 'data', listener: (chunk: Uint8Array) => void): this
    on(event: 'end', listener: () => void): this
    on(event: 'error', listener: (error: Error) => void): this
    end(): void
    font(name: string): this
    fontSize(points: number): this
    fillColor(color: string): this
    text(text: string, options?: TextOptions): this
    text(text: string, x: number, y: number, options?: TextOptions): this
    moveDown(lines?: number): this
    moveTo(x: number, y: number): this
    lineTo(x: number, y: number): this
    lineWidth(points: number): this
    stroke(color: string): this
    addPage(): this
    widthOfString(text: string): number
    bufferedPageRange(): { readonly start: number; readonly count: number }
    switchToPage(index: number): this
  }
}
