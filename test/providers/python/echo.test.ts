import { loadModel } from '#src/index.js';

import { providerContract } from '../../contract/provider-contract.js';
import { tinyFolder } from '../../engine/support/tiny-model.js';

providerContract('Python, echo', { make: () => loadModel(tinyFolder('bert-mean'), { provider: 'python/echo' }) });

// The child makes the tokens, and says what the model is.
providerContract('Python, a model that only it can read', {
  make: () => loadModel(tinyFolder('distilbert'), { provider: 'python/echo' }),
});
