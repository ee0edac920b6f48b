/** The built web app. Files with a hash in their name are kept for ever; the page itself is asked for each time. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { type Router } from 'express'

const missing = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Backstay</title></head>
<body><h1>Backstay</h1>
<p>The collector runs, and its web app is not built here. In the folder of the program run:</p>
<pre>npm run build</pre>
<p>The API is at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>; the command line needs no web app.</p>
</body></html>
`

/** `folder`: with index.html and assets/. Looked for at each request, so that a build needs no restart. */
export function webFiles(folder: string): Router {
  const router = express.Router()
  const page = join(folder, 'index.html')
  router.use(
    '/assets',
    express.static(join(folder, 'assets'), {
      immutable: true,
      maxAge: '365d',
      index: false,
      redirect: false,
    }),
    (_request, response) => void response.status(404).type('text').send('there is no such file\n'),
  )
  router.use(
    express.static(folder, {
      ...{ index: false, redirect: false, dotfiles: 'ignore' },
      setHeaders: response => void response.setHeader('cache-control', 'no-store'),
    }),
  )
  router.get('/{*path}', (_request, response) => {
    response.setHeader('cache-control', 'no-store')
    if (!existsSync(page)) return void response.status(503).type('html').send(missing)
    response.sendFile(page, { cacheControl: false })
  })
  return router
}
