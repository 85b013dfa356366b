/**
 * Who may talk to the browser shell. Owns: the one-time link, the session cookie, the attach key, and the checks of
 * Host and Origin that keep other pages and rebinding names out. Refuses everything it was not told to allow.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const COOKIE = 'muster_session';

/** What of a request decides. */
export interface Asking {
  host: string | undefined;
  origin: string | undefined;
  cookie: string | undefined;
  authorization: string | undefined;
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

function same(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

/** Keeper of the links, cookies and keys of one running shell; all are gone when it stops. */
export class Access {
  /** For programs (`MUSTER_ENGINE_URL`): sent as `Authorization: Bearer …`. */
  readonly key = secret();
  #port: number;
  #links = new Set<string>();
  #sessions = new Set<string>();

  constructor(port: number) {
    this.#port = port;
  }

  /** A fresh token for one visit of `/?token=…`. */
  newToken(): string {
    const token = secret();
    this.#links.add(token);
    return token;
  }

  /** Spends a token: a Set-Cookie value the first time, null afterwards. */
  redeem(token: string): string | null {
    const known = [...this.#links].find((link) => same(link, token));
    if (known === undefined) return null;
    this.#links.delete(known);
    const session = secret();
    this.#sessions.add(session);
    return `${COOKIE}_${this.#port}=${session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** True when Host is this very server on loopback: a name that was rebound to 127.0.0.1 is refused. */
  hostAllowed(asking: Asking): boolean {
    return asking.host === `127.0.0.1:${this.#port}` || asking.host === `localhost:${this.#port}`;
  }

  /** True for a browser that spent a link. */
  hasSession(asking: Asking): boolean {
    const name = `${COOKIE}_${this.#port}=`;
    const cookies = (asking.cookie ?? '').split(';').map((part) => part.trim());
    const value = cookies.find((part) => part.startsWith(name))?.slice(name.length);
    return value !== undefined && [...this.#sessions].some((session) => same(session, value));
  }

  /** True when this request may speak to the engine: a page of ours with its cookie, or a program with the key. */
  mayConnect(asking: Asking): boolean {
    if (!this.hostAllowed(asking)) return false;
    const bearer = /^Bearer (.+)$/.exec(asking.authorization ?? '')?.[1];
    if (bearer !== undefined) return asking.origin === undefined && same(bearer, this.key);
    return asking.origin === `http://${asking.host}` && this.hasSession(asking);
  }
}
