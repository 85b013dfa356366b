/** Reads a typed address: `name`, `name:2222`, `10.0.0.7`, `[fe80::1%eth0]:22`, `fe80::1`. */
export interface TypedAddress {
  host: string;
  port: number;
}

const SSH_PORT = 22;

/** The address in `text`, null when it is none. A missing port is 22. */
export function parseAddress(text: string): TypedAddress | null {
  const trimmed = text.trim();
  const [, bracketed, plain, portText] =
    /^(?:\[([0-9a-f:.%\w-]+)\]|([^\s[\]/@:]+|[0-9a-f.]*(?::[0-9a-f.]*){2,}(?:%[\w-]+)?))(?::(\d{1,5}))?$/i.exec(
      trimmed,
    ) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = portText === undefined ? SSH_PORT : Number(portText);
  if (host === '' || host.length > 253 || port < 1 || port > 65_535) return null;
  return { host, port };
}
