import { describe, expect, it } from 'vitest';
import { findCommands, type Command } from '../../../../renderer/screens/palette/commands.ts';

const command = (id: string, title: string, hint = ''): Command => ({ id, title, hint, run: () => {} });
const all = [
  command('export', 'Export readings to CSV', 'Choose devices and time'),
  command('dark', 'Theme: dark'),
  ...Array.from({ length: 20 }, (_, i) => command(`open d${i}`, `pump-${i}`, 'Live')),
  command('install d0', 'Install on pump-0'),
];
const titles = (text: string) => findCommands(all, text).map(({ title }) => title);

describe('the command palette', () => {
  it('shows a few devices and every general action before anything is typed', () => {
    const shown = titles('');
    expect(shown.slice(0, 2)).toEqual(['pump-0', 'pump-1']);
    expect(shown).toContain('Theme: dark');
    expect(shown).toHaveLength(10);
  });

  it('wants every typed word, in title or hint', () => {
    expect(titles('theme da')).toEqual(['Theme: dark']);
    expect(titles('csv devices')).toEqual(['Export readings to CSV']);
    expect(titles('nothing like it')).toEqual([]);
  });

  it('puts what begins with the text first', () => {
    expect(titles('pump-0')).toEqual(['pump-0', 'Install on pump-0']);
    expect(titles('install')[0]).toBe('Install on pump-0');
  });
});
