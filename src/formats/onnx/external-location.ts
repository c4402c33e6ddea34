/**
 * Whether a path may name external data: relative to the model's folder, with '/' separators, and never leading out of
 * it (CWE-22). ONNX Runtime refuses others too, but only when the session starts.
 */
export function isSafeLocation(location: string): boolean {
  if (location === '' || /[\\:\0]/.test(location)) return false;
  return location.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
