/** Who commands, as a device writes it down. */
import { hostname, userInfo } from 'node:os';

/** `user@laptop`. */
export function person(): string {
  let user = 'somebody';
  try {
    user = userInfo().username;
  } catch {
    // an account without an entry in the system's list
  }
  return `${user}@${hostname()}`.slice(0, 200);
}
