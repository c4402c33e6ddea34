// Loads a folder in a process of its own: node child.mjs STEP FOLDER CACHE [DTYPE]
import { loadModel } from '../../../dist/index.js';

const [step, folder, cache, dtype = 'float32'] = process.argv.slice(2);
try {
  const model = await loadModel(folder, { cache, dtype, threads: step === 'close-early' ? 4 : 2 });
  if (step === 'close-early') await model.close();
  const vector = step === 'close-early' ? [] : await model.encode('the river');
  if (step === 'close') await model.close();
  console.log(JSON.stringify({ vector: [...vector], floats: [1e-160].map((x) => x * x)[0] > 0 }));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
// Nothing ends the process here: it must end by itself.
