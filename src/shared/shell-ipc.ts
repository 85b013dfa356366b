/** Names of the IPC channels between Electron's preload and main; no others are listened to. */
export const IPC = {
  connect: 'muster:connect',
  port: 'muster:port',
  saveDialog: 'muster:save-dialog',
  openFirmwareDialog: 'muster:open-firmware-dialog',
  showInFolder: 'muster:show-in-folder',
} as const;
