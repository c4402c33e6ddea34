import { loadModel } from 'isovec';

const model = await loadModel('sentence-transformers/all-MiniLM-L6-v2');
const output = await model.encodeBatch(['This is a simple test.', 'This is another one.']);

console.log([output.count, output.dimensions]);
console.log(output.data.length); // one Float32Array, row after row, as `output.data` was
const rows: number[][] = output.toArrays(); // as `output.tolist()` was
console.log(rows.length);
await model.close();
