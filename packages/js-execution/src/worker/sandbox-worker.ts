import { parentPort, workerData } from 'node:worker_threads';
import { CallRunner } from '../engine/call-runner.ts';
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker-messages.ts';

/*
 * The program of a worker thread: runs guests one after the other. It has no environment variables, and guests reach
 * nothing of it but GuestCall's host port.
 */
if (parentPort === null) throw new Error('sandbox-worker runs as a worker thread');
const port = parentPort;
const { module, maximumBytes } = workerData as WorkerStart;
const runner = new CallRunner(module, maximumBytes);
const reply = (message: WorkerReply): void => port.postMessage(message);

port.on('message', (request: WorkerRequest) => {
  const outcome = runner.run(request);
  // Clean before answering: when the caller has its answer, the call's secrets are gone.
  runner.clean();
  reply({ ready: false, outcome });
});
reply({ ready: true });
