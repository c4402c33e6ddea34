/** Who wrote a graph; the version changes whenever the same checkpoint would give another graph. */
export const PRODUCER: { readonly producerName: string; readonly producerVersion: string } = {
  producerName: 'isovec',
  producerVersion: '1',
};
