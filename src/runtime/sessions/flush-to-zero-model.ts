/**
 * A serialised ONNX model of one Identity node: the smallest session that carries the flush-to-zero option. Kept as
 * bytes so that starting a thread does not load the protobuf library.
 */
export const FLUSH_TO_ZERO_MODEL: Uint8Array = Uint8Array.from(
  atob('CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEBI='),
  (character) => character.charCodeAt(0),
);
