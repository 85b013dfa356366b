import { describe, expect, it } from 'vitest';
import {
  errorFromWire,
  errorToWire,
  isErrorCode,
  MusterError,
  toMusterError,
} from '../../src/shared/errors.ts';

describe('errors', () => {
  it('name each cause once on the wire', () => {
    const refused = new Error('connect ECONNREFUSED', { cause: new Error('no route') });
    const wire = errorToWire(new MusterError('PORT_CLOSED', 'SSH is off', { port: 22 }, refused));
    expect(wire).toEqual({
      code: 'PORT_CLOSED',
      message: 'SSH is off',
      details: { port: 22 },
      retryable: true,
      cause: {
        code: 'INTERNAL',
        message: 'connect ECONNREFUSED',
        details: {},
        retryable: false,
        cause: { code: 'INTERNAL', message: 'no route', details: {}, retryable: false },
      },
    });
  });

  it('do not follow a circle of causes for ever', () => {
    const circle = new Error('round');
    circle.cause = circle;
    expect(JSON.stringify(errorToWire(circle)).match(/round/g)).toHaveLength(6);
  });

  it('keep where a foreign error was thrown, and take any throw', () => {
    const foreign = new TypeError('x is not a function');
    expect(toMusterError(foreign)).toMatchObject({ code: 'INTERNAL', stack: foreign.stack });
    expect(toMusterError('a string', 'TIMEOUT')).toMatchObject({ code: 'TIMEOUT', message: 'a string' });
    expect(toMusterError(toMusterError(null)).message).toBe('null');
  });

  it('of a newer version are INTERNAL, their words kept', () => {
    const newer = { code: 'FROM_THE_FUTURE', message: 'beyond us', details: {}, retryable: true };
    expect(errorFromWire(newer)).toMatchObject({ code: 'INTERNAL', message: 'beyond us' });
    expect(isErrorCode('toString')).toBe(false);
  });
});
