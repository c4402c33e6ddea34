import { IsovecError } from '../../shared/isovec-error.js';

/**
 * The values of a tensor's little-endian bytes, widened without loss. Deliberately apart from the decoder of the
 * conversion, so that a defect there shows as a difference. FORMAT_INVALID for a type that is not a float.
 */
export function float64FromBytes(bytes: Uint8Array, dtype: string, name: string): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (dtype) {
    case 'F64':
      return fill(bytes, 8, (at) => view.getFloat64(at, true));
    case 'F32':
      return fill(bytes, 4, (at) => view.getFloat32(at, true));
    case 'BF16': {
      // The upper half of a float32.
      const scratch = new DataView(new ArrayBuffer(4));
      return fill(bytes, 2, (at) => {
        scratch.setUint16(0, view.getUint16(at, true));
        return scratch.getFloat32(0);
      });
    }
    case 'F16':
      return fill(bytes, 2, (at) => halfToNumber(view.getUint16(at, true)));
    default:
      throw new IsovecError(
        'FORMAT_INVALID',
        `Tensor ${name} has the type ${dtype}; weights are F64, F32, F16 or BF16.`,
        {
          data: { tensor: name, dtype },
        },
      );
  }
}

function fill(bytes: Uint8Array, width: number, read: (at: number) => number): Float64Array {
  const values = new Float64Array(Math.floor(bytes.byteLength / width));
  for (let i = 0; i < values.length; i++) values[i] = read(i * width);
  return values;
}

/** IEEE 754 binary16: one sign bit, five of exponent, ten of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
