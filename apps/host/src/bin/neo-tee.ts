import { main } from '../cli/main.ts';

// Who reads our output may stop (`neo-tee … | head`). A verdict that nobody read is not a yes.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(1));
process.exitCode = await main(process.argv.slice(2));
