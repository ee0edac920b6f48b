/** Vite builds such a file as a worker and gives its address. */
declare module '*?worker&url' {
  const address: string
  export default address
}
