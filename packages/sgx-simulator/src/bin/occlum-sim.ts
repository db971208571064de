/** The executable `occlum-sim`. */
import { main } from '../cli/main.ts';
// For its look at the parent, before anything slow is loaded.
import '../process/watch-parent.ts';

process.exit(await main(process.argv.slice(2)));
