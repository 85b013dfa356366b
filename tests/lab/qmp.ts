/** The world around an emulated board, changed through QEMU's monitor (QMP specification, section "2. Protocol Specification"). */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** Gives the device with the id `device` another property. Throws with QEMU's words. */
export async function setProperty(
  socketPath: string,
  device: string,
  property: string,
  value: number,
): Promise<void> {
  const socket = connect(socketPath);
  try {
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
    const next = async (): Promise<{ return?: unknown; error?: { desc: string }; event?: string }> => {
      const { value: line, done } = await answers.next();
      if (done) throw new Error('QEMU hung up');
      return JSON.parse(line) as Awaited<ReturnType<typeof next>>;
    };
    const order = async (execute: string, args: object): Promise<void> => {
      socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
      let answer = await next();
      while (answer.event !== undefined) answer = await next();
      if (answer.error) throw new Error(`${execute}: ${answer.error.desc}`);
    };
    // the greeting
    await next();
    await order('qmp_capabilities', {});
    await order('qom-set', { path: `/machine/peripheral/${device}`, property, value });
  } finally {
    socket.destroy();
  }
}
