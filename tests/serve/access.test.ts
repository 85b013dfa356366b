import { describe, expect, it } from 'vitest';
import { Access } from '../../src/serve/access.ts';

const none = { host: '127.0.0.1:7440', origin: undefined, cookie: undefined, authorization: undefined };

function visited() {
  const access = new Access(7440);
  const cookie = access.redeem(access.newToken())?.split(';')[0];
  return { access, page: { ...none, cookie, origin: 'http://127.0.0.1:7440' } };
}

describe('access to the browser shell', () => {
  it('spends a link once', () => {
    const access = new Access(7440);
    const token = access.newToken();
    expect(access.redeem(token)).toMatch(/HttpOnly; SameSite=Strict/);
    expect(access.redeem(token)).toBeNull();
    expect(access.redeem('')).toBeNull();
  });

  it('lets our page in with its cookie', () => {
    const { access, page } = visited();
    expect(access.mayConnect(page)).toBe(true);
    expect(access.mayConnect({ ...page, host: 'localhost:7440', origin: 'http://localhost:7440' })).toBe(
      true,
    );
  });

  it.each([
    ['without a cookie', { cookie: undefined }],
    ['with a wrong cookie', { cookie: 'muster_session_7440=guess' }],
    ['without an origin', { origin: undefined }],
    ['from another page', { origin: 'http://evil.example' }],
    ['from another port of this machine', { origin: 'http://127.0.0.1:8080' }],
    ['by a rebound name', { host: 'evil.example:7440', origin: 'http://evil.example:7440' }],
    ['with a wrong key', { authorization: 'Bearer guess' }],
  ])('refuses a page %s', (_, change) => {
    const { access, page } = visited();
    expect(access.mayConnect({ ...page, ...change })).toBe(false);
  });

  it('lets a program in with the key, but never a page that has it', () => {
    const access = new Access(7440);
    const program = { ...none, authorization: `Bearer ${access.key}` };
    expect(access.mayConnect(program)).toBe(true);
    expect(access.mayConnect({ ...program, origin: 'http://127.0.0.1:7440' })).toBe(false);
  });
});
