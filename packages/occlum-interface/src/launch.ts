import { randomBytes } from 'node:crypto';
import type { ExitReport, OcclumInstance, RunningProgram } from '@neo-service-layer/occlum-manager';
import {
  answerHostBlobs,
  answerHostStore,
  firstThatKnows,
  type HostBlobs,
  type HostLink,
  type HostStore,
  linkCalls,
  linkNotices,
} from '@neo-service-layer/tee-channel/host-link';
import { listenForEnclave } from '@neo-service-layer/tee-channel/host-link-node';
import { TeeError } from '@neo-service-layer/tee-interface';

/** A built instance and the program in it that serves the host link. */
export interface EnclaveProgram {
  instance: Pick<OcclumInstance, 'run'>;
  /** Absolute path inside the image. */
  program: string;
  args: readonly string[];
}

/** How to launch. */
export interface LaunchOptions {
  /** Milliseconds from start until the enclave must have dialled back. Default 60,000. */
  startTimeoutMs?: number;
  /** Milliseconds to wait while another process works with the instance. Default 0: an error at once. */
  lockWaitMs?: number;
  /** Gives the start up; what was started by then is ended. Has no effect once the enclave has dialled back. */
  signal?: AbortSignal;
  /** Gets each line that the enclave or the LibOS logs. Lines come from outside the host's trust: print them escaped. */
  onLog?: (line: string) => void;
  /**
   * Keeps the enclave's sealed bytes, its keyring above all. Without it the enclave has a keyring for this run only, and
   * what that sealed is lost with it.
   */
  blobs?: HostBlobs;
  /** Keeps what users store, sealed. Without it that lives as long as this run. */
  store?: HostStore;
  /** Is shown every byte that crosses the host link; for recordings. */
  onLinkBytes?: (direction: 'in' | 'out', bytes: Uint8Array) => void;
}

/** A running enclave with its host link up. */
export interface LaunchedEnclave {
  readonly link: HostLink;
  /** Process id of what was started; its process group holds everything that belongs to it. */
  readonly pid: number;
  /** Resolves with how it ended when the program has. */
  readonly exited: Promise<ExitReport>;
  /** Asks the enclave to end, and after the grace time ends its process group. Idempotent. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Starts the program and waits until it has dialled back.
 *
 * @throws {TeeError} ERR_ENCLAVE_START when it ends or keeps silent instead; nothing is left running then
 */
export async function launchEnclave(enclave: EnclaveProgram, options: LaunchOptions = {}): Promise<LaunchedEnclave> {
  const token = randomBytes(32).toString('hex');
  const { blobs, store } = options;
  const handle = firstThatKnows(
    ...(blobs === undefined ? [] : [answerHostBlobs(blobs)]),
    ...(store === undefined ? [] : [answerHostStore(store)]),
  );
  const listener = await listenForEnclave(token, options.onLinkBytes, handle);
  const tail = new LineTail(options.onLog ?? (() => {}));
  let running: RunningProgram;
  try {
    running = await enclave.instance.run(enclave.program, [...enclave.args], {
      env: { TEE_HOST_LINK: listener.address, TEE_HOST_LINK_TOKEN: token },
      lockWaitMs: options.lockWaitMs ?? 0,
      stdout: (chunk) => tail.push(chunk),
      stderr: (chunk) => tail.push(chunk),
    });
  } catch (error) {
    listener.close();
    throw error;
  }
  const { exited } = running;
  try {
    const accepted = listener.accept(options.startTimeoutMs ?? 60_000);
    const ended = exited.then((report) => Promise.reject(startFailure(describeExit(report), tail)));
    const link = await Promise.race([accepted, ended, aborted(options.signal)]);
    link.onNotice((name, body) => {
      if (name === linkNotices.log) options.onLog?.(new TextDecoder().decode(body));
    });
    return { link, pid: running.pid, exited, stop: (graceMs = 2000) => stop(link, running, graceMs) };
  } catch (error) {
    await running.stop({ graceMs: 0 });
    throw error;
  } finally {
    listener.close();
  }
}

/** Never resolves; rejects when the start is given up. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  const giveUp = () => new TeeError('ERR_ENCLAVE_START', 'The start of the enclave was given up.');
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(giveUp());
    signal?.addEventListener('abort', () => reject(giveUp()), { once: true });
  });
}

async function stop(link: HostLink, running: RunningProgram, graceMs: number): Promise<void> {
  // Occlum forwards no signal to the program, so a graceful end is a message (occlum-contract §5, signals).
  const asked = link.call(linkCalls.shutdown, new Uint8Array()).then(() => running.exited);
  await Promise.race([asked, running.exited, delay(graceMs)]).catch(() => {});
  link.close();
  await running.stop({ graceMs: 500 });
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

function describeExit({ kind, code, signal, diagnosis }: ExitReport): string {
  if (kind === 'killed') return `killed by ${signal ?? 'a signal'}`;
  if (kind === 'exited') return `exited with code ${code}`;
  return diagnosis === null ? 'could not be started' : `could not be started: ${diagnosis.meaning}`;
}

function startFailure(how: string, tail: LineTail): TeeError {
  return new TeeError('ERR_ENCLAVE_START', `The enclave ended before it dialled back: ${how}.`, {
    expected: 'a connection of the enclave to the host link',
    actual: tail.text === '' ? 'no output' : `its last output: ${tail.text}`,
    hint: 'Run the program by hand in the instance folder (`occlum run …`) to see what it says.',
  });
}

/** Cuts output into lines and remembers the end of it, bounded. */
class LineTail {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #partial = '';
  #lines: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  get text(): string {
    return [...this.#lines, this.#partial].join('\n').trim();
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#partial + this.#decoder.decode(chunk, { stream: true })).split('\n');
    // A program that never ends its line must not fill the host's memory.
    this.#partial = (lines.pop() ?? '').slice(-4096);
    for (const line of lines) {
      this.#onLine(line);
      this.#lines = [...this.#lines, line.slice(0, 1000)].slice(-10);
    }
  }
}
