// Obtains a model in a process of its own. Argument: JSON of { id, options, userId? }; answers with one line of JSON.
import { obtainModel } from '#src/models/obtain-model.js';

const { id, options, userId } = JSON.parse(process.argv[2]);
// The modules are loaded; from here on the process may do only what that user may.
if (userId !== undefined) {
  process.setegid(userId);
  process.seteuid(userId);
}
try {
  const model = await obtainModel(id, options);
  console.log(JSON.stringify({ root: model.root, revision: model.revision, names: [...model.files.keys()] }));
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
