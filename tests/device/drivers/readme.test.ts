/** A chip's README says what its declaration says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOG } from '../../../device/drivers/catalog.ts';
import { declaredPart } from '../../support/driver-readme.ts';

describe('READMEs of chips', () => {
  it.each(CATALOG.filter(({ bus }) => bus !== 'machine'))('$id', (driver) => {
    const readme = readFileSync(
      new URL(`../../../device/drivers/${driver.id}/README.md`, import.meta.url),
      'utf8',
    );
    expect(readme).toContain(`# ${driver.title}\n`);
    expect(readme).toContain(`${declaredPart(driver)}\n`);
  });
});
