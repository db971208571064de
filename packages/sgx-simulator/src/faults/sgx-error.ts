/** What Occlum's loader says to an SGX status (occlum-contract §1.6); it knows no words for the others. */
const messages = new Map([
  [0x1, 'Unexpected error occurred.'],
  [0x2, 'Invalid parameter.'],
  [0x3, 'Out of memory.'],
  [0x4, 'Power transition occurred.'],
  [0x1003, 'Out of TCS.'],
  [0x2000, 'Invalid enclave image.'],
  [0x2003, 'Invalid enclave signature.'],
  [0x2004, 'Out of EPC memory.'],
  [
    0x2006,
    'Invalid SGX device. Please make sure SGX module is enabled in the BIOS, and install SGX driver afterwards.',
  ],
  [0x2009, 'Invalid enclave metadata.'],
  [0x200f, "Can't open enclave file."],
]);

/** The line of an enclave that cannot be created. @param why instead of the loader's words */
export function createEnclaveError(status: number, why: string = messageOf(status)): string {
  return `[ERROR] occlum-pal: Failed to create enclave with error code ${hex(status)}: ${why} (line 152, file src/pal_enclave.c)`;
}

/** The line of a thread that cannot enter its enclave, or falls out of it. @param tid of the thread on the host */
export function enterEnclaveError(status: number, tid: number): string {
  return (
    `[ERROR] occlum-pal: Failed to enter the enclave to execute a LibOS thread (host tid = ${tid}) ` +
    `with error code ${hex(status)}: ${messageOf(status)} (line 21, file src/ocalls/spawn.c)`
  );
}

function messageOf(status: number): string {
  return messages.get(status) ?? 'Unknown SGX error';
}

function hex(status: number): string {
  return `0x${status.toString(16)}`;
}
