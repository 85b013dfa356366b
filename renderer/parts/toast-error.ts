/** A toast for a failure that has no place of its own on the screen. */
import { notifications } from '@mantine/notifications';
import { errorText } from '../../src/shared/error-text.ts';
import { toMusterError, type ErrorDetails } from '../../src/shared/errors.ts';

/** `facts` fill the sentence as in ErrorNote. */
export function toastError(thrown: unknown, facts: ErrorDetails = {}): void {
  const error = toMusterError(thrown);
  const { title, next } = errorText(error.code, { ...facts, ...error.details });
  notifications.show({ title, message: next, autoClose: 10_000, withBorder: true, color: 'var(--bad)' });
}
