// Uses the cache in a process of its own. Argument: JSON of { action, … }; answers with lines of JSON.
import { withFileLock } from '#src/models/cache/file-lock.js';

const { action, id, options, file } = JSON.parse(process.argv[2]);
const answer = (value) => {
  console.log(JSON.stringify(value));
};
try {
  if (action === 'pull') {
    const { obtainModel } = await import('#src/models/obtain-model.js');
    const model = await obtainModel(id, options);
    answer({ root: model.root });
  } else if (action === 'prepare') {
    const { obtainModel } = await import('#src/models/obtain-model.js');
    const { prepareModel } = await import('#src/engine/prepare-model.js');
    const model = await obtainModel(id, options);
    const prepared = await prepareModel(model, options.cacheRoot, undefined);
    answer({ graph: prepared.bundle.graphPath });
  } else if (action === 'load') {
    const { loadModel } = await import('#src/index.js');
    const model = await loadModel(id, { cache: options.cacheRoot, offline: true, threads: 1 });
    answer({ loaded: model.info().id });
    for await (const _ of process.stdin);
    await model.close();
    answer({ closed: true });
  } else if (action === 'lock') {
    await withFileLock(file, {}, async () => {
      answer({ held: true });
      for await (const _ of process.stdin);
    });
  }
} catch (error) {
  answer({ code: error.code, message: error.message });
}
