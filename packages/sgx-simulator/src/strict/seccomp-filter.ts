import { absentCalls, clone, clone3, lastCall, ownCalls, prctl, socket, socketpair } from './syscalls.ts';

// Classic BPF (linux/bpf_common.h) and what seccomp(2) makes of it.
const load = 0x20; // BPF_LD | BPF_W | BPF_ABS
const jumpEqual = 0x15;
const jumpGreater = 0x25;
const jumpGreaterEqual = 0x35;
const jumpBits = 0x45;
const and = 0x54;
const give = 0x06;
const field = { number: 0, architecture: 4, firstArgument: 16, secondArgument: 24 };
const x86_64 = 0xc000_003e;
const allow = 0x7fff_0000;
const killProcess = 0x8000_0000;
const errno = (number: number) => 0x0005_0000 | number;

const ENOSYS = 38;
const EINVAL = 22;
const ESOCKTNOSUPPORT = 94;

/** CLONE_VM: the child shares the memory, as threads do, and the children of vfork and posix_spawn. */
const sharesMemory = 0x100;
const afUnix = 1;
const socketTypeMask = 0xf;
const sockStream = 1;
/** PR_SET_NAME, PR_GET_NAME, PR_GET_TIMERSLACK. */
const prctlOptions = [15, 16, 30];

/** One instruction: operation, constant, and how far to jump when its condition holds and when not. */
type Instruction = readonly [operation: number, constant: number, whenTrue?: number, whenFalse?: number];

/**
 * The seccomp program (struct sock_filter[]) that lets a process of the host have the system calls of Occlum's LibOS
 * and no others: absent ones answer ENOSYS, unknown numbers EINVAL, `fork` in every form ENOSYS (threads, vfork and
 * posix_spawn go through), prctl knows its three options, unix sockets are streams.
 *
 * One deviation: clone3 answers ENOSYS instead of EINVAL. Debian's C library starts threads with it and falls back to
 * clone for ENOSYS only; that of Occlum, which the real image has, does not use it.
 */
export function seccompFilter(): Uint8Array {
  const instructions: Instruction[] = [
    [load, field.architecture],
    [jumpEqual, x86_64, 1, 0],
    [give, killProcess],
    [load, field.number],
    ...beyondTheTable(),
    ...Object.values(absentCalls).flatMap((number) => answer(number, ENOSYS)),
    ...when(clone, [
      [load, field.firstArgument],
      [jumpBits, sharesMemory, 1, 0],
      [give, errno(ENOSYS)],
      [give, allow],
    ]),
    ...when(prctl, [
      [load, field.firstArgument],
      ...prctlOptions.map((option, index): Instruction => [jumpEqual, option, prctlOptions.length - index, 0]),
      [give, errno(EINVAL)],
      [give, allow],
    ]),
    ...[socket, socketpair].flatMap((number) =>
      when(number, [
        [load, field.firstArgument],
        [jumpEqual, afUnix, 1, 0],
        [give, allow],
        [load, field.secondArgument],
        [and, socketTypeMask],
        [jumpEqual, sockStream, 1, 0],
        [give, errno(ESOCKTNOSUPPORT)],
        [give, allow],
      ]),
    ),
    [give, allow],
  ];
  return encode(instructions);
}

// The x32 variants of all calls are numbers beyond the table, too.
function beyondTheTable(): Instruction[] {
  const rest: Instruction[] = [
    ...answer(clone3, ENOSYS),
    [jumpGreaterEqual, ownCalls.first, 0, 1],
    [jumpGreater, ownCalls.last, 0, 1],
    [give, errno(EINVAL)],
    [give, errno(ENOSYS)],
  ];
  return [[jumpGreater, lastCall, 0, rest.length], ...rest];
}

function answer(number: number, error: number): Instruction[] {
  return when(number, [[give, errno(error)]]);
}

/** `body`, which must not fall through its end, for one call; else on with what follows. */
function when(number: number, body: Instruction[]): Instruction[] {
  return [[jumpEqual, number, 0, body.length], ...body];
}

function encode(instructions: Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(instructions.length * 8);
  for (const [index, [operation, constant, whenTrue = 0, whenFalse = 0]] of instructions.entries()) {
    bytes.writeUInt16LE(operation, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(constant, index * 8 + 4);
  }
  return new Uint8Array(bytes);
}
