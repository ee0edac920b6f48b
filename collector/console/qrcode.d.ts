declare module 'qrcode' {
  const qrcode: {
    toString(
      text: string,
      options: { readonly type: 'svg'; readonly errorCorrectionLevel: 'Q'; readonly margin: number },
    ): Promise<string>
    create(
      text: string,
      options: { readonly errorCorrectionLevel: 'M' },
    ): { readonly modules: { readonly size: number; readonly data: Uint8Array } }
  }
  export default qrcode
}
