// Loaded into each file of `npm test`. To name the test that an uncaught error belongs to, node:test follows every promise of a file
// from its beginning to its end: a third of all processor time where there are many. Here such an error ends its whole file.
const asyncHooks = require('node:async_hooks')
const { isMainThread } = require('node:worker_threads')

if (isMainThread) {
  const { createHook } = asyncHooks
  asyncHooks.createHook = () => createHook({})
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, error => {
      console.error(error)
      process.exit(1)
    })
  }
}
