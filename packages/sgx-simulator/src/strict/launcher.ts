const loadAddress = 0x40_0000;
const headerSize = 64 + 56;

// System calls and constants of the code below (x86-64).
const setrlimit = 160;
const prctl = 157;
const execve = 59;
const exitGroup = 231;
const RLIMIT_AS = 9;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;

/**
 * An executable of a few hundred bytes that limits itself and then becomes another program: `launcher PATH ARGV0
 * ARGUMENTS…` sets RLIMIT_AS, installs the seccomp filter, and executes PATH with the same environment. It needs no
 * library and no loader, so it starts in any root file system. When anything is refused it exits with 127: a program
 * never runs with less than all limits.
 *
 * @param limits.addressSpace bytes
 * @param limits.filter a seccomp program (struct sock_filter[])
 * @returns an ELF file for Linux on x86-64
 */
export function launcherExecutable(limits: { addressSpace: number; filter: Uint8Array }): Uint8Array {
  const codeSize = machineCode(0, 0).length;
  const limitAddress = loadAddress + align(headerSize + codeSize);
  const programAddress = limitAddress + 16;
  const filterAddress = programAddress + 16;

  const limit = Buffer.alloc(16);
  limit.writeBigUInt64LE(BigInt(limits.addressSpace), 0);
  limit.writeBigUInt64LE(BigInt(limits.addressSpace), 8);
  // struct sock_fprog: number of instructions, and where they lie.
  const program = Buffer.alloc(16);
  program.writeUInt16LE(limits.filter.length / 8, 0);
  program.writeBigUInt64LE(BigInt(filterAddress), 8);

  const file = Buffer.alloc(filterAddress - loadAddress + limits.filter.length);
  file.set(elfHeaders(file.length));
  file.set(machineCode(limitAddress, programAddress), headerSize);
  file.set(limit, limitAddress - loadAddress);
  file.set(program, programAddress - loadAddress);
  file.set(limits.filter, filterAddress - loadAddress);
  return new Uint8Array(file);
}

function machineCode(limitAddress: number, programAddress: number): Buffer {
  const failure = [...moveEdi(127), ...moveEax(exitGroup), 0x0f, 0x05];
  const execution = [
    ...[0x48, 0x8b, 0x1c, 0x24], // mov rbx, [rsp]: argc
    ...[0x48, 0x8b, 0x7c, 0x24, 0x10], // mov rdi, [rsp+16]: PATH
    ...[0x48, 0x8d, 0x74, 0x24, 0x18], // lea rsi, [rsp+24]: ARGV0 and on
    ...[0x48, 0x8d, 0x54, 0xdc, 0x10], // lea rdx, [rsp+rbx*8+16]: environment
    ...moveEax(execve),
    ...[0x0f, 0x05],
  ];
  const noMorePrivileges = [
    ...[...moveEdi(PR_SET_NO_NEW_PRIVS), ...moveEsi(1)],
    ...[0x31, 0xd2, 0x4d, 0x31, 0xd2, 0x4d, 0x31, 0xc0], // xor edx, edx; xor r10, r10; xor r8, r8
    ...moveEax(prctl),
  ];
  const filtered = [...moveEdi(PR_SET_SECCOMP), ...moveEsi(SECCOMP_MODE_FILTER), ...moveEdx(programAddress)];
  const limited = [...moveEdi(RLIMIT_AS), ...moveEsi(limitAddress), ...moveEax(setrlimit)];
  // Built backwards: every check jumps over all that follows it to the failure.
  const third = checked([...filtered, ...moveEax(prctl)], execution.length);
  const second = checked(noMorePrivileges, third.length + execution.length);
  const first = checked(limited, second.length + third.length + execution.length);
  return Buffer.from([...first, ...second, ...third, ...execution, ...failure]);
}

/** A system call, and a jump forward by `distance` unless it returned 0. */
function checked(call: number[], distance: number): number[] {
  return [...call, 0x0f, 0x05, 0x85, 0xc0, 0x75, distance];
}

const moveEax = (value: number) => [0xb8, ...u32(value)];
const moveEdx = (value: number) => [0xba, ...u32(value)];
const moveEsi = (value: number) => [0xbe, ...u32(value)];
const moveEdi = (value: number) => [0xbf, ...u32(value)];

function u32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

function align(size: number): number {
  return Math.ceil(size / 8) * 8;
}

/** ELF header and the one program header: everything is loaded at {@link loadAddress}, readable and executable. */
function elfHeaders(fileSize: number): Buffer {
  const header = Buffer.alloc(headerSize);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16); // ET_EXEC
  header.writeUInt16LE(62, 18); // EM_X86_64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(loadAddress + headerSize), 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64); // PT_LOAD
  header.writeUInt32LE(5, 68); // read, execute
  header.writeBigUInt64LE(BigInt(loadAddress), 80);
  header.writeBigUInt64LE(BigInt(loadAddress), 88);
  header.writeBigUInt64LE(BigInt(fileSize), 96);
  header.writeBigUInt64LE(BigInt(fileSize), 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return header;
}
