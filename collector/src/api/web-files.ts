/** The built web app. Every address that is no file's is the page's own. */
import {
  cacheControlOf,
  contentTypeOf,
  lastingFiles,
  type PageFiles,
  pagePath,
} from '@backstay/proto/rest/page-files'
import express, { type Router } from 'express'

const missing = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Backstay</title></head>
<body><h1>Backstay</h1>
<p>The collector runs, and its web app is not built here. In the folder of the program run:</p>
<pre>npm run build:console</pre>
<p>The API is at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>; the command line needs no web app.</p>
</body></html>
`

/** Looked for at each request, so that a build needs no restart. */
export function webFiles(files: PageFiles): Router {
  const router = express.Router()
  router.get('/{*path}', async (request, response) => {
    const path = decodeURIComponent(request.path)
    const file = path === '/' ? undefined : await files.read(path)
    if (file !== undefined) {
      response.setHeader('cache-control', cacheControlOf(path))
      return void response
        .type(contentTypeOf(path))
        .send(Buffer.from(file.buffer, file.byteOffset, file.length))
    }
    if (path.startsWith(lastingFiles))
      return void response.status(404).type('text').send('there is no such file\n')
    response.setHeader('cache-control', 'no-store')
    const page = await files.read(pagePath)
    if (page === undefined) return void response.status(503).type('html').send(missing)
    response.type('html').send(Buffer.from(page))
  })
  return router
}
