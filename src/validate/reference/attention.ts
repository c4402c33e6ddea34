/**
 * softmax(Q K^T / sqrt(headSize)) V for each head, over [tokens, hidden] with the heads side by side; no mask, because
 * a single text has no padding.
 */
export function attend(
  query: Float64Array,
  key: Float64Array,
  value: Float64Array,
  hidden: number,
  heads: number,
): Float64Array {
  const tokens = query.length / hidden;
  const headSize = hidden / heads;
  const scale = 1 / Math.sqrt(headSize);
  const context = new Float64Array(query.length);
  const weights = new Float64Array(tokens);
  for (let head = 0; head < heads; head++) {
    for (let token = 0; token < tokens; token++) {
      const begin = token * hidden + head * headSize;
      for (let other = 0; other < tokens; other++) {
        const otherBegin = other * hidden + head * headSize;
        let sum = 0;
        for (let i = 0; i < headSize; i++) sum += (query[begin + i] ?? 0) * (key[otherBegin + i] ?? 0);
        weights[other] = sum * scale;
      }
      softmax(weights);
      for (let other = 0; other < tokens; other++) {
        const weight = weights[other] ?? 0;
        const otherBegin = other * hidden + head * headSize;
        for (let i = 0; i < headSize; i++) {
          context[begin + i] = (context[begin + i] ?? 0) + weight * (value[otherBegin + i] ?? 0);
        }
      }
    }
  }
  return context;
}

/** In place; the maximum is subtracted so that no exponential overflows. */
function softmax(values: Float64Array): void {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const exponential = Math.exp((values[i] ?? 0) - largest);
    values[i] = exponential;
    sum += exponential;
  }
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / sum;
}
