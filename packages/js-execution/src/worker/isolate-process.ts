import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { encodeFrame, FrameReader } from '../isolate/framing.ts';
import { IsolateCall, type IsolateReporter } from '../isolate/isolate-call.ts';
import type { IsolateOrder, IsolateReport } from '../isolate/isolate-messages.ts';
import type { IsolatedVm } from '../isolate/isolated-vm.ts';
import { MemoryWatch } from '../isolate/memory-watch.ts';

/*
 * The program of a process of the engine v8-isolate: runs the calls of one tenant, each in an isolate of its own. Guests
 * run on threads of isolated-vm, never on this one, which therefore always answers. It is started with the path of
 * isolated-vm, has no environment but its time zone, and talks to its parent over descriptor 3 only.
 */
const [, , addon = ''] = process.argv;
const vm: IsolatedVm = createRequire(import.meta.url)(addon);
const guest = (name: string): string => readFileSync(new URL(`../guest/${name}`, import.meta.url), 'utf8');
const prelude = guest('isolate-prelude.js');
let stripper: string | null = null;
const programs = {
  prelude,
  stripper: () => {
    stripper ??= guest('strip-types.js');
    return stripper;
  },
};

/** Teardown of V8 with isolates in it may crash; nothing here needs to be put away. */
const end = (): void => {
  process.kill(process.pid, 'SIGKILL');
};
const line = new Socket({ fd: 3 });
// Nobody is there to answer any more, and a guest may run for ever.
line.on('close', end);
line.on('error', end);
const report = (message: IsolateReport): void => void line.write(encodeFrame(message));

const calls = new Map<number, IsolateCall>();
const exhausted = (call: number | null): void => {
  line.write(encodeFrame({ kind: 'exhausted', call } satisfies IsolateReport), end);
};
const watch = new MemoryWatch(exhausted);

function receive(order: IsolateOrder): void {
  const { call: number } = order;
  if (order.kind === 'call') void run(number, order);
  else if (order.kind === 'answer') calls.get(number)?.host.answer({ id: order.id, json: order.json });
  else calls.get(number)?.abort();
}

async function run(number: number, { request }: Extract<IsolateOrder, { kind: 'call' }>): Promise<void> {
  const reporter: IsolateReporter = {
    request: (id, name, json) => report({ kind: 'request', call: number, id, name, json }),
    exhausted: () => exhausted(number),
  };
  const call = new IsolateCall(vm, programs, request, reporter);
  calls.set(number, call);
  watch.begin(number, request.limits.memoryBytes);
  const outcome = await call.run();
  watch.end(number);
  calls.delete(number);
  report({ kind: 'outcome', call: number, outcome });
}

// What comes from the parent is trusted: it is the one that this process is to be kept from.
const reader = new FrameReader(
  () => Number.POSITIVE_INFINITY,
  (json) => receive(JSON.parse(json)),
);
line.on('data', (piece: Buffer) => reader.push(piece));
report({ kind: 'ready' });
