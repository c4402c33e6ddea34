import { loadModel } from '#src/index.js';

import { providerContract } from '../../contract/provider-contract.js';
import { tinyFolder } from '../../engine/support/tiny-model.js';

providerContract('Python, echo', { make: () => loadModel(tinyFolder('bert-mean'), { provider: 'python/echo' }) });
