/** Exit code of an engine process that cannot run in this Electron (sysexits.h: EX_CONFIG). */
export const NO_ENGINE_HERE = 78;
