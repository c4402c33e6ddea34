import { z } from 'zod';
import { callPriority, callTimeout } from '../../request-call.js';

/** Headers of routes that embed, for the API document: the service reads them itself, as it does those of gRPC. */
export const callHeaders: z.ZodType = z.looseObject({
  'x-isovec-priority': callPriority.optional(),
  'x-request-timeout-ms': callTimeout.optional(),
});
