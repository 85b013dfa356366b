/** The guarded door of the main process: the only listener to the page's IPC. Strangers are refused loudly. */
import { BrowserWindow, dialog, ipcMain, shell, type IpcMainInvokeEvent } from 'electron';
import { isAbsolute } from 'node:path';
import { MusterError } from '../shared/errors.ts';
import { IPC } from '../shared/shell-ipc.ts';
import type { EngineSource } from './engine-process.ts';
import { isOwnPage } from './lock-down.ts';

function guard(event: IpcMainInvokeEvent): void {
  const frame = event.senderFrame;
  if (!frame || frame !== event.sender.mainFrame || !isOwnPage(frame.url))
    throw new MusterError('UNAUTHORIZED', 'only our own page may ask');
}

function path(value: unknown): string {
  if (typeof value === 'string' && value.length <= 4096 && isAbsolute(value)) return value;
  throw new MusterError('BAD_INPUT', 'an absolute path is wanted', { field: 'path' });
}

/** Answers the page: a port to `engine`, the dialogs, the file manager. */
export function answerPage(engine: EngineSource): void {
  ipcMain.handle(IPC.connect, (event) => {
    guard(event);
    event.sender.postMessage(IPC.port, null, [engine.connect()]);
  });
  ipcMain.handle(IPC.saveDialog, async (event, suggestedPath: unknown) => {
    guard(event);
    const window = BrowserWindow.fromWebContents(event.sender);
    const options = {
      defaultPath: path(suggestedPath),
      filters: [{ name: 'Comma-separated values', extensions: ['csv'] }],
    };
    const result = window
      ? await dialog.showSaveDialog(window, options)
      : await dialog.showSaveDialog(options);
    return result.canceled ? null : result.filePath;
  });
  ipcMain.handle(IPC.openFirmwareDialog, async (event) => {
    guard(event);
    const window = BrowserWindow.fromWebContents(event.sender);
    const options = {
      properties: ['openFile' as const],
      filters: [{ name: 'Firmware', extensions: ['mfw', 'fw'] }],
    };
    const result = window
      ? await dialog.showOpenDialog(window, options)
      : await dialog.showOpenDialog(options);
    return result.canceled ? null : (result.filePaths[0] ?? null);
  });
  ipcMain.handle(IPC.showInFolder, (event, file: unknown) => {
    guard(event);
    shell.showItemInFolder(path(file));
  });
}
