declare module 'qrcode' {
  const qrcode: {
    toString(
      text: string,
      options: { readonly type: 'svg'; readonly errorCorrectionLevel: 'Q'; readonly margin: number },
    ): Promise<string>
  }
  export default qrcode
}
