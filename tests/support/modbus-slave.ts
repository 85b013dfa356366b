/**
 * A Modbus slave that others wrote (modbus-serial's servers), in a process of its own: unit 1 on the serial port or the
 * TCP port named by the first argument. Says `ready`, then each coil that is written: `coil 3 1`.
 */
import modbus from 'modbus-serial';

/** Holding registers 0 to 9: 100, 101, …; input registers 0 to 3: 230.5 and 3.25 as floats. */
export const HOLDING = Array.from({ length: 10 }, (_, i) => 100 + i);
const input = new DataView(new ArrayBuffer(8));
input.setFloat32(0, 230.5);
input.setFloat32(4, 3.25);
const coils = Array.from({ length: 8 }, () => false);

function held<T>(value: T | undefined): T {
  // oxlint-disable-next-line no-throw-literal -- as modbus-serial wants it: illegal data address
  if (value === undefined) throw { modbusErrorCode: 2 };
  return value;
}

const vector = {
  getHoldingRegister: (address: number) => held(HOLDING[address]),
  getInputRegister: (address: number) => held(address < 4 ? input.getUint16(2 * address) : undefined),
  getDiscreteInput: (address: number) => held(address < 20 ? address % 3 === 0 : undefined),
  getCoil: (address: number) => held(coils[address]),
  setCoil(address: number, on: boolean) {
    held(coils[address]);
    coils[address] = on;
    process.stdout.write(`coil ${address} ${Number(on)}\n`);
  },
};

if (import.meta.main) {
  // ends with the test, however that ends
  process.stdin.on('close', () => process.exit(0)).resume();
  const [where = '', baud = '19200'] = process.argv.slice(2);
  const { ServerSerial, ServerTCP } = modbus as unknown as typeof import('modbus-serial');
  const server = where.startsWith('/')
    ? new ServerSerial(vector, { path: where, baudRate: Number(baud), unitID: 1, interval: 5 })
    : new ServerTCP(vector, { host: '127.0.0.1', port: Number(where), unitID: 1 });
  server.on('initialized', () => process.stdout.write('ready\n'));
  // a question that it refuses is told as an error too
  server.on('error', () => {});
  server.on('socketError', () => {});
}
