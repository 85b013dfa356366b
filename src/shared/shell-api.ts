/** What a desktop shell adds to the page, as `window.muster`. A page in a browser has none of it. */

/** Message data with which the engine's MessagePort is handed to the page (`event.ports[0]`). */
export const PORT_MESSAGE = 'muster-port';

/** Names of the IPC channels between preload and main; no others are listened to. */
export const IPC = {
  connect: 'muster:connect',
  port: 'muster:port',
  saveDialog: 'muster:save-dialog',
  showInFolder: 'muster:show-in-folder',
} as const;

/** The exposed object. */
export interface ShellApi {
  platform: string;
  /** Asks for a port to the engine; it arrives as a window message PORT_MESSAGE. A second call makes a new one. */
  connect(): Promise<void>;
  /** The system's save dialog: the chosen path, or null when the person thought better of it. */
  saveDialog(suggestedPath: string): Promise<string | null>;
  /** Shows an existing file in the system's file manager. */
  showInFolder(path: string): Promise<void>;
}
