/** What a device that runs Nerves said of itself, as rows for a person. Pure. */
import type { NervesFacts } from '../../src/shared/nerves.ts';

const PROVEN = {
  validated: 'has proven itself',
  unvalidated: 'has not proven itself yet: it takes no new firmware until then',
  unknown: 'does not tell whether it has proven itself',
} as const;

const ROLLBACK = {
  yes: 'goes back by itself when new firmware does not come up',
  no: 'does not go back by itself: new firmware that does not come up needs a hand on the box',
  unknown: 'does not tell whether it would go back by itself',
} as const;

/** Name and value; what it did not tell is left out. */
export function nervesFactRows(facts: NervesFacts): [name: string, value: string | null][] {
  const { product, version, platform, architecture, serial, active } = facts;
  return [
    ['Runs', product === null && version === null ? null : [product, version].filter(Boolean).join(' ')],
    ['Board', [platform, architecture].filter(Boolean).join(', ') || null],
    ['Serial number', serial],
    ['Slot', active],
    ['State', PROVEN[facts.validation]],
    ['Rollback', ROLLBACK[facts.rollback]],
  ];
}
