import type { Dimension, EncoderArchitecture, EncoderShape, RequiredTensor } from './architectures/architecture.js';

/** Every tensor that an encoder of this shape needs, with the configuration key behind each of its sizes. */
export function requiredTensors(architecture: EncoderArchitecture, shape: EncoderShape): RequiredTensor[] {
  const hidden: Dimension = { key: 'hidden_size', size: shape.hiddenSize };
  const inner: Dimension = { key: 'intermediate_size', size: shape.intermediateSize };
  const { words, positions, tokenTypes, norm } = architecture.embeddings;
  const required: RequiredTensor[] = [
    { name: words, dimensions: [{ key: 'vocab_size', size: shape.vocabularySize }, hidden] },
    { name: positions, dimensions: [{ key: 'max_position_embeddings', size: shape.positions }, hidden] },
    { name: tokenTypes, dimensions: [{ key: 'type_vocab_size', size: shape.tokenTypes }, hidden] },
    ...affine(norm, [hidden]),
  ];
  for (let index = 0; index < shape.layers; index++) {
    const names = architecture.layer(index);
    required.push(
      ...affine(names.query, [hidden, hidden]),
      ...affine(names.key, [hidden, hidden]),
      ...affine(names.value, [hidden, hidden]),
      ...affine(names.attentionOutput, [hidden, hidden]),
      ...affine(names.attentionNorm, [hidden]),
      ...affine(names.intermediate, [inner, hidden]),
      ...affine(names.output, [hidden, inner]),
      ...affine(names.outputNorm, [hidden]),
    );
  }
  return required;
}

/** `<path>.weight` of the given dimensions and `<path>.bias` of the first. */
function affine(path: string, dimensions: readonly [Dimension, ...Dimension[]]): RequiredTensor[] {
  return [
    { name: `${path}.weight`, dimensions },
    { name: `${path}.bias`, dimensions: [dimensions[0]] },
  ];
}
