/** The far end of echo.ts: `echo-server.ts SOCKET`. */
import { createServer } from 'node:net';

const server = createServer((socket) => {
  socket.pipe(socket);
});
server.listen(process.argv[2], () => process.send?.('listening'));
