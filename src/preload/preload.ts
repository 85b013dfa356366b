/** The page's only door to the desktop shell: exactly the keys of ShellApi, no logic. */
import { contextBridge, ipcRenderer } from 'electron';
import { PORT_MESSAGE, type ShellApi } from '../shared/shell-api.ts';
import { IPC } from '../shared/shell-ipc.ts';

const api: ShellApi = {
  platform: process.platform,
  connect: () => ipcRenderer.invoke(IPC.connect) as Promise<void>,
  saveDialog: (suggestedPath) => ipcRenderer.invoke(IPC.saveDialog, suggestedPath) as Promise<string | null>,
  openFirmwareDialog: () => ipcRenderer.invoke(IPC.openFirmwareDialog) as Promise<string | null>,
  showInFolder: (path) => ipcRenderer.invoke(IPC.showInFolder, path) as Promise<void>,
};

ipcRenderer.on(IPC.port, (event) =>
  window.postMessage(PORT_MESSAGE, window.location.origin, [...event.ports]),
);
contextBridge.exposeInMainWorld('muster', api);
