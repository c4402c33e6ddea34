import { IsovecError } from '../shared/isovec-error.js';
import type { ServedModel } from './served-models.js';

/** The length of vectors that a request asks for. INPUT_INVALID beyond the model's own. */
export function dimensionsOf({ embedder, name }: ServedModel, asked: number | undefined): number {
  const { dimensions, maxDimensions } = embedder.info();
  if (asked === undefined) return dimensions;
  if (asked >= 1 && asked <= maxDimensions) return asked;
  throw new IsovecError('INPUT_INVALID', `dimensions is ${asked}; ${name} gives from 1 to ${maxDimensions}.`, {
    data: { param: 'dimensions', limit: maxDimensions, received: asked },
  });
}

/** Another pooling would be another space, whose vectors must not be mixed with these. INPUT_INVALID. */
export function checkPooling({ embedder, name }: ServedModel, asked: string | undefined): void {
  const own = embedder.info().pooling.join('+') || 'none';
  if (asked === undefined || asked === own) return;
  throw new IsovecError('INPUT_INVALID', `pooling is ${JSON.stringify(asked.slice(0, 100))}; ${name} has ${own}.`, {
    data: { param: 'pooling' },
  });
}
