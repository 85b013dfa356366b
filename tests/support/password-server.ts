/**
 * A small SSH server for what Debian's cannot be made to do in a test: passwords that are not the machine's,
 * keyboard-interactive, other users, and counting what a client sends. Commands run for real, as `uid`.
 */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type AuthContext, type Connection } from 'ssh2';

export interface PasswordServerOptions {
  password?: string;
  /** Which methods it takes, in the order it names them. Default password. */
  methods?: ('password' | 'keyboard-interactive' | 'publickey')[];
  /** Environment of commands. */
  env?: Record<string, string>;
  /** User and group id of commands, for a device without root. */
  uid?: number;
  ident?: string;
}

export interface PasswordServer {
  readonly port: number;
  /** Authentication requests received so far, `method` or `method:secret given`. */
  readonly requests: string[];
  stop(): Promise<void>;
}

export async function startPasswordServer(options: PasswordServerOptions = {}): Promise<PasswordServer> {
  const methods = options.methods ?? ['password'];
  const requests: string[] = [];
  const open = new Set<Connection>();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const hostKey = privateKey.export({ type: 'pkcs1', format: 'pem' });
  const server = new ssh2.Server(
    { hostKeys: [hostKey], ...(options.ident === undefined ? {} : { ident: options.ident }) },
    (client) => {
      open.add(client);
      client.on('error', () => {});
      client.on('close', () => open.delete(client));
      client.on('authentication', (context) => authenticate(context));
      client.on('session', (accept) => {
        const session = accept();
        session.on('exec', (acceptExec, _reject, info) => {
          const channel = acceptExec();
          const child = spawn('/bin/sh', ['-c', info.command], {
            env: { PATH: '/usr/bin:/bin', ...options.env },
            ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
          });
          channel.pipe(child.stdin);
          child.stdin.on('error', () => {});
          child.stdout.on('data', (chunk: Buffer) => channel.write(chunk));
          child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
          child.on('close', (code) => {
            channel.exit(code ?? 1);
            channel.end();
          });
          channel.on('close', () => child.kill());
        });
      });
    },
  );

  function authenticate(context: AuthContext): void {
    requests.push(context.method);
    const right = (secret: string | undefined) => secret === options.password && secret !== undefined;
    if (context.method === 'password' && methods.includes('password') && right(context.password))
      return context.accept();
    if (context.method === 'keyboard-interactive' && methods.includes('keyboard-interactive'))
      return context.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
        right(answers[0]) ? context.accept() : context.reject(methods),
      );
    context.reject(methods);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async stop() {
      for (const client of open) client.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
