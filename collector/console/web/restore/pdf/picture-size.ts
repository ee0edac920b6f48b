/** How large a page is drawn: as wide as it is shown, as sharp as the screen, and never more than a canvas should hold. */
export interface PictureSize {
  /** Whole pixels, 1 at least. */
  readonly width: number
  readonly height: number
  /** Pixels for each unit of the page. */
  readonly scale: number
}

/** 16 MiB of memory a page; sides beyond that some browsers do not draw. */
const pixelsMax = 4 * 1024 * 1024
const sideMax = 8192
const sharpMax = 2

/** `page`: in its own units, as the document says, which may be nonsense; `shownWidth`: CSS pixels. */
export function pictureSize(
  page: { readonly width: number; readonly height: number },
  shownWidth: number,
  pixelRatio: number,
): PictureSize {
  const [width, height] = [unit(page.width), unit(page.height)]
  const wanted = (shownWidth * Math.min(sharpMax, Math.max(1, pixelRatio))) / width
  const scale = Math.min(wanted, sideMax / width, sideMax / height, Math.sqrt(pixelsMax / (width * height)))
  const pixels = (length: number) => Math.max(1, Math.floor(length * scale))
  return { width: pixels(width), height: pixels(height), scale }
}

function unit(length: number): number {
  return Number.isFinite(length) && length > 0 ? length : 1
}
