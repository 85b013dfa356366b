/** A configuration on its way to another box. */
import { describe, expect, it } from 'vitest';
import { copyFor } from '../../src/shared/configuration-copy.ts';

const TEXT = 'version: 1\nname: pump 1 # the north one\nsensors: []\n';

describe('a configuration copied to another device', () => {
  it('leaves it its name and its announcement', () => {
    const present = 'version: 1\nname: pump 2\nannounce: {by: avahi}\n';
    expect(copyFor(TEXT, present)).toBe(
      'version: 1\nname: pump 2 # the north one\nsensors: []\nannounce:\n  by: avahi\n',
    );
  });

  it('gives no name to one that has none', () => {
    expect(copyFor(TEXT, '')).toBe('version: 1\nsensors: []\n');
  });
});
