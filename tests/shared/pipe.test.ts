import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameParser, frame, MAX_MESSAGE } from '../../src/shared/pipe.ts';

describe('FrameParser', () => {
  it('gives back the messages however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 })),
        fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 }),
        (messages, cuts) => {
          const stream = new Uint8Array(messages.flatMap((m) => [...frame(m)]));
          const parser = new FrameParser();
          const out: Uint8Array[] = [];
          for (let at = 0, i = 0; at < stream.length; i++) {
            const step = cuts[i % cuts.length] ?? 1;
            out.push(...parser.push(stream.subarray(at, at + step)).map((m) => m.slice()));
            at += step;
          }
          expect(out).toEqual(messages);
        },
      ),
    );
  });

  it('refuses an absurd length instead of waiting for it', () => {
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, MAX_MESSAGE + 1);
    expect(() => new FrameParser().push(head)).toThrow(/claims/);
  });
});
