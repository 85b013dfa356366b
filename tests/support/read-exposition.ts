/** Reads Prometheus' text format 0.0.4, strictly and apart from what writes it: what it does not know is an error. */

export interface Sample {
  labels: Record<string, string>;
  value: number;
}
export interface Family {
  type: string;
  help: string;
  samples: Sample[];
}

/** Metrics by name. Throws on a line that a Prometheus would not read. */
export function readExposition(text: string): Record<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families: Record<string, Family> = {};
  const family = (name: string): Family => (families[name] ??= { type: '', help: '', samples: [] });
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      const known = family(name);
      if (known.samples.length > 0) throw new Error(`${kind} after samples: ${line}`);
      if (kind === 'TYPE') {
        if (known.type !== '') throw new Error(`TYPE twice: ${line}`);
        known.type = rest;
      } else known.help = rest;
      continue;
    }
    let at = 0;
    const take = (pattern: RegExp): string => {
      const sticky = new RegExp(pattern, 'y');
      sticky.lastIndex = at;
      const match = sticky.exec(line);
      if (!match) throw new Error(`cannot read at ${at}: ${line}`);
      at = sticky.lastIndex;
      return match[0];
    };
    const name = take(/[a-zA-Z_:][a-zA-Z0-9_:]*/);
    const labels: Record<string, string> = {};
    if (line[at] === '{') {
      take(/\{/);
      while (line[at] !== '}') {
        const key = take(/[a-zA-Z_][a-zA-Z0-9_]*/);
        take(/="/);
        const raw = take(/(?:[^"\\]|\\["\\n])*/);
        take(/"/);
        if (Object.hasOwn(labels, key)) throw new Error(`label twice: ${line}`);
        labels[key] = raw.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
        if (line[at] === ',') take(/,/);
      }
      take(/\}/);
    }
    const number = take(/ (?:NaN|[+-]Inf|-?[0-9.]+(?:e[+-]?[0-9]+)?)$/).trim();
    const value = number.endsWith('Inf') ? Number(`${number[0]}Infinity`) : Number(number);
    const known = family(name);
    if (known.type === '') throw new Error(`no TYPE before ${line}`);
    known.samples.push({ labels, value });
  }
  return families;
}
