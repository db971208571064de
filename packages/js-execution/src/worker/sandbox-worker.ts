import { parentPort, workerData } from 'node:worker_threads';
import { CallRunner } from '../engine/call-runner.ts';
import { FunctionRunner } from '../engine/function-runner.ts';
import { referencePrograms } from '../engine/reference-programs.ts';
import { selfTest } from '../engine/self-test.ts';
import { TypeStripper } from '../engine/type-stripper.ts';
import { PortLine } from './port-line.ts';
import { warmUp } from './warm-up.ts';
import type { WorkerLine, WorkerReply, WorkerRequest, WorkerStart } from './worker-messages.ts';

/*
 * The program of a worker thread: runs guests one after the other. It has no environment variables, and guests reach
 * nothing of it but the host port of their call.
 */
if (parentPort === null) throw new Error('sandbox-worker runs as a worker thread');
const port = parentPort;
const { module, maximumBytes, cacheBytes, warmUpMs, port: linePort, cells } = workerData as WorkerStart & WorkerLine;
const line = new PortLine(linePort, cells);
const runner = new CallRunner(module, maximumBytes, cacheBytes, { line });
// A source without its types is small against what evaluating it leaves behind.
const functions = new FunctionRunner(runner, new TypeStripper(module, cacheBytes >>> 2));
selfTest(runner, referencePrograms.slice(0, 5));
const reply = (message: WorkerReply): void => port.postMessage(message);

port.on('message', ({ number, call }: WorkerRequest) => {
  if (!line.begin(number)) {
    call.payload.fill(0);
    return;
  }
  const outcome = functions.run(call);
  // Clean before answering: when the caller has its answer, the call's secrets are gone.
  functions.clean();
  reply({ ready: false, number, outcome });
});
reply({ ready: true });

const steps = warmUp(runner, warmUpMs);
const step = (): void => {
  if (steps.next().done !== true)
    // A call that the worker was started for comes first.
    setTimeout(step, 100);
};
// A call that the worker was started for comes first.
setTimeout(step, 100);
