/** Programs of this repository run on the pinned Node only: an older one would find no test and say that all is well. */
export function needPinnedNode(): void {
  if (Number(process.versions.node.split('.')[0]) === 26) return
  throw new Error(`this needs Node 26 and runs on ${process.versions.node}: start it with npm run`)
}
