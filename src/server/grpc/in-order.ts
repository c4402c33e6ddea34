/**
 * Answers requests in their order while up to `window` of them are worked on at once. Each answer comes as soon as it
 * and all before it are there, so a client may as well wait for one before it sends the next. Ends with the first error.
 */
export async function* inOrder<T, R>(
  requests: AsyncIterable<T>,
  work: (request: T) => Promise<R>,
  window: number,
): AsyncGenerator<R, void, void> {
  const source = requests[Symbol.asyncIterator]();
  const running: Promise<R>[] = [];
  let reading: Promise<IteratorResult<T>> | undefined = source.next();
  try {
    while (reading !== undefined || running.length > 0) {
      const [first] = running;
      if (
        reading !== undefined &&
        (first === undefined || (running.length < window && (await comesFirst(reading, first))))
      ) {
        const arrived: IteratorResult<T> = await reading;
        if (arrived.done === true) {
          reading = undefined;
          continue;
        }
        const answer = work(arrived.value);
        // It is waited for in its turn; an earlier one may fail before that.
        answer.catch(() => undefined);
        running.push(answer);
        reading = source.next();
      } else if (first !== undefined) {
        const answer = await first;
        void running.shift();
        yield answer;
      }
    }
  } finally {
    if (reading !== undefined) reading.catch(() => undefined);
  }
}

/** Whether a request has come before the oldest answer was ready. */
async function comesFirst(reading: Promise<unknown>, answer: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    reading.then(() => true),
    answer.then(
      () => false,
      () => false,
    ),
  ]);
}
