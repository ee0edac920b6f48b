import { measureInBrowser } from './in-browser.ts'
console.log(await measureInBrowser({ files: 20_000, fileBytes: 100_000, names: 1_000_000 }))
