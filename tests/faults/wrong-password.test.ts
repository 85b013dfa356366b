import { expect, it } from 'vitest';
import { connectSsh } from '../../src/core/ssh/connection.ts';
import { errorToWire } from '../../src/shared/errors.ts';
import { startPasswordServer } from '../support/password-server.ts';

it.each([
  [['password'], ['none', 'password']],
  [['keyboard-interactive'], ['none', 'keyboard-interactive']],
  // The same wrong password is not tried twice: some systems lock a user out after a few.
  [
    ['password', 'keyboard-interactive'],
    ['none', 'password'],
  ],
] as const)('says what the server takes (%s) and tries the password once', async (methods, requests) => {
  const server = await startPasswordServer({ password: 'right', methods: [...methods] });
  try {
    const error = await connectSsh({
      host: '127.0.0.1',
      port: server.port,
      login: { user: 'pi', password: 'hunter2-wrong' },
      verify: () => null,
    }).then(() => null, errorToWire);
    expect(error).toMatchObject({
      code: 'AUTH_FAILED',
      details: { user: 'pi', methods: methods.join(', '), tried: 'password' },
    });
    expect(JSON.stringify(error)).not.toContain('hunter2');
    expect(server.requests).toEqual(requests);
  } finally {
    await server.stop();
  }
});
