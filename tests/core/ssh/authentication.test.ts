import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { AuthSequence, type AuthAttempt } from '../../../src/core/ssh/authentication.ts';

type Attempt = AuthAttempt<string>;
const probe: Attempt = { method: 'none', source: 'probe', given: false, offer: 'none' };
const own: Attempt = { method: 'publickey', source: 'own key', given: false, offer: 'own' };
const file: Attempt = { method: 'publickey', source: 'key file', given: true, offer: 'file' };
const password: Attempt = { method: 'password', source: 'password', given: true, offer: 'password' };
const prompt: Attempt = { method: 'keyboard-interactive', source: 'password', given: true, offer: 'prompt' };

it('offers in order what the server takes, each once', () => {
  const sequence = new AuthSequence([probe, own, file, password, prompt]);
  expect(sequence.next(null)).toBe(probe);
  expect(sequence.next(['publickey', 'password'])).toBe(own);
  expect(sequence.next(['publickey', 'password'])).toBe(file);
  expect(sequence.next(['publickey', 'password'])).toBe(password);
  expect(sequence.next(['publickey', 'password'])).toBeNull();
});

it('goes on after a partial success with what is asked for then', () => {
  const sequence = new AuthSequence([probe, own, password]);
  sequence.next(null);
  expect(sequence.next(['publickey'])).toBe(own);
  expect(sequence.next(['password'])).toBe(password);
});

it('tells "ask the person" from "what they gave was refused"', () => {
  const silent = new AuthSequence([probe, own]);
  silent.next(null);
  silent.next(['publickey', 'password']);
  silent.next(['publickey', 'password']);
  expect(silent.failure('pi')).toMatchObject({
    code: 'AUTH_NEEDED',
    details: { user: 'pi', methods: 'publickey, password', tried: 'own key' },
  });
  const given = new AuthSequence([probe, password]);
  given.next(null);
  given.next(['password']);
  expect(given.failure('pi')).toMatchObject({ code: 'AUTH_FAILED', details: { tried: 'password' } });
});

it('ends, whatever a server answers, and never offers a password twice', () => {
  const methods = fc.subarray(['none', 'publickey', 'password', 'keyboard-interactive', 'hostbased']);
  fc.assert(
    fc.property(fc.array(methods, { minLength: 8, maxLength: 8 }), (answers) => {
      const sequence = new AuthSequence([probe, own, file, password, prompt]);
      const offered = [sequence.next(null), ...answers.map((answer) => sequence.next(answer))].filter(
        Boolean,
      );
      expect(new Set(offered).size).toBe(offered.length);
      expect(offered.filter((attempt) => attempt?.source === 'password').length).toBeLessThanOrEqual(1);
    }),
  );
});
