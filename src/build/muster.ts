/** `npm run -s muster -- …`: builds what the command line needs, then runs it. */
import { ROOT, ensureBuilt } from './build.ts';
import { runCli } from '../cli/main.ts';

await ensureBuilt('daemon', 'renderer', 'demo');
process.exitCode = await runCli(process.argv.slice(2), ROOT);
