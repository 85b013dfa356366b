/**
 * What the Electron shell puts into the page as `window.muster`; a browser has none of it.
 * Owns the names both sides must agree on. The preload implements it, the page calls it, nothing else is exposed.
 */

/**
 * Data of the window message that carries the engine's MessagePort. The page listens for it, then calls `connect()`;
 * the port is `event.ports[0]` of the message whose `event.data` is this word.
 */
export const PORT_MESSAGE = 'muster-port';

/** Path of the engine's WebSocket on the browser shell's own host, and the subprotocol the page asks for. */
export const ENGINE_SOCKET_PATH = '/engine';
export const ENGINE_SUBPROTOCOL = 'muster';

/** The shell's services, all promises: they cross a process border. */
export interface ShellApi {
  /** Asks for a fresh port to the engine, delivered as PORT_MESSAGE. May be called again when a port has closed. */
  connect(): Promise<void>;
  /** Name of the operating system: linux, darwin, win32. */
  readonly platform: string;
  /** Lets the person choose where to save; null when they cancelled. `suggested` is an absolute path. */
  saveDialog(suggested: string): Promise<string | null>;
  /** Lets the person choose a firmware file; null when they cancelled. */
  openFirmwareDialog(): Promise<string | null>;
  /** Shows a file that was written, in the file manager. */
  showInFolder(path: string): Promise<void>;
}
