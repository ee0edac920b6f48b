/** Takes one more than is being worked on, and says so as soon as it is known: what it needs can be fetched meanwhile. */
export async function* ahead<T>(all: AsyncIterable<T>, announce: (one: T) => void): AsyncGenerator<T> {
  const iterator = all[Symbol.asyncIterator]()
  const take = async () => {
    const result = await iterator.next()
    if (!result.done) announce(result.value)
    return result
  }
  let next = take()
  for (;;) {
    const { done, value } = await next
    if (done) return
    next = take()
    // A failure of the one ahead is met when its turn comes.
    next.catch(() => undefined)
    yield value
  }
}
