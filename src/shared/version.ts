/** The version of all of Muster: engine, daemon and shells. A test keeps it equal to package.json's. */
export const VERSION = '0.1.0';
