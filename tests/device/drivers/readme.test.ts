/** A chip's README says what its declaration says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DOCUMENTED, readmeOf, withDeclared } from '../../support/driver-readme.ts';

describe('READMEs of chips', () => {
  it.each(DOCUMENTED)('$id (node tests/support/driver-readme.ts writes it)', (driver) => {
    const readme = readFileSync(readmeOf(driver), 'utf8');
    expect(readme).toBe(withDeclared(readme, driver));
    expect(readme).toMatch(/^Sources?: /m);
  });
});
