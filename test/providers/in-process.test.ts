import { providerContract } from '../contract/provider-contract.js';
import { loadTiny } from '../engine/support/tiny-model.js';

providerContract('in process', { make: () => loadTiny('bert-mean') });
