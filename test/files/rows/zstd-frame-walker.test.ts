import { describe, expect, it } from 'vitest';
import { ZstdFrameWalker } from '#src/files/rows/zstd-frame-walker.js';

// Written by zstd 1.5: printf 'first\nsecond\n' | zstd; the same with --no-check; head -c 300000 /dev/zero | zstd;
// and a skippable frame of three bytes.
const FRAMES = [
  '28b52ffd045869000066697273740a7365636f6e640a61fcbdfe',
  '28b52ffd005869000066697273740a7365636f6e640a',
  '28b52ffd04585400001000000100fbff39c00202001000039f04002d28de26',
  '502a4d1803000000616263',
].map((hex) => Buffer.from(hex, 'hex'));

/** Offsets of the ends of frames. */
function ends(bytes: Buffer, size: number): number[] {
  const walker = new ZstdFrameWalker();
  const found: number[] = [];
  for (let begin = 0; begin < bytes.length;) {
    const end = Math.min(begin + size, bytes.length);
    const at = walker.push(bytes.subarray(begin, end));
    begin = at === undefined ? end : begin + at;
    if (at !== undefined) found.push(begin);
  }
  walker.end();
  return found;
}

describe('frames of zstd', () => {
  it('end where their blocks say, whatever the chunks', () => {
    let total = 0;
    const expected = FRAMES.map((frame) => (total += frame.length));
    for (const size of [1, 2, 3, 5, 1000]) expect(ends(Buffer.concat(FRAMES), size)).toEqual(expected);
  });

  it('that are cut short anywhere are told', () => {
    for (const frame of FRAMES) {
      for (let length = 1; length < frame.length; length++) {
        expect(() => ends(frame.subarray(0, length), 7)).toThrow('the data ends within a frame');
      }
    }
  });

  it('are followed by frames only', () => {
    expect(() => ends(Buffer.concat([...FRAMES, Buffer.from('junk')]), 7)).toThrow('this is no frame of zstd');
  });
});
