import { parentPort, workerData } from 'node:worker_threads';
import { toIsovecError } from '../../shared/isovec-error.js';
import type { LayerReply, LayerRequest, LayerThreadStart } from './layer-messages.js';
import { LayerQuantizer } from './layer-quantizer.js';

// The entry of a thread that quantises layers: one after the other until it is told to end, or one fails.
const port = parentPort;
if (port === null) throw new Error('This is the entry of a worker thread.');
const reply = (message: LayerReply): void => {
  port.postMessage(message);
};
const quantizer = LayerQuantizer.open(workerData as LayerThreadStart, reply);
let last: Promise<unknown> = quantizer;
// Handled with the first request.
quantizer.catch(() => undefined);

port.on('message', (request: LayerRequest) => {
  last = last
    .then(async () => {
      const opened = await quantizer;
      if (request.type === 'words') await opened.quantizeWords();
      else if (request.type === 'layer') await opened.quantize(request.index, request.hidden);
      else await opened.close();
    })
    .catch((error: unknown) => {
      reply({ type: 'failed', error: toIsovecError(error).toJSON() });
    })
    .finally(() => {
      if (request.type === 'end') port.close();
    });
});
