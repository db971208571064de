/** Steps of `build` that can be made to fail, in their order. */
const buildSteps = ['image', 'initfs', 'libos', 'sign'] as const;

/** A step of `build` that can be made to fail. */
export type BuildStep = (typeof buildSteps)[number];

interface FaultRule {
  /** What `=` is followed by; undefined for a fault without a value. */
  value?: { name: string; form: RegExp; standard: string };
  text: string;
}

const step = { name: 'step', form: new RegExp(`^(${buildSteps.join('|')})$`), standard: 'image' };
const seconds = (standard: string) => ({ name: 'seconds', form: /^\d+(\.\d+)?$/, standard });

/** Everything that occlum-sim can be told to fail at. Messages and exit codes are those of occlum-contract §1 and §7. */
export const faultRules = {
  'init-libraries': { text: 'new, init: the libraries to copy are missing; a status file and no Occlum.json stay' },
  'build-killed': { value: step, text: 'build: everything is killed (SIGKILL) at a step' },
  'build-out-of-memory': {
    value: step,
    text: 'build: the tool of a step is killed for want of memory (make: Error 137)',
  },
  'disk-full': { value: step, text: 'build: no space is left on the device at a step' },
  'no-aesm': { text: 'run, start: the AESM service is down (HW mode only; without the 15 seconds of waiting)' },
  'no-fsgsbase': { text: 'run, start: the kernel lacks FSGSBASE' },
  'no-device': { text: 'run, start: no SGX device (0x2006)' },
  'out-of-epc': { text: 'run, start: no enclave memory is left (0x2004)' },
  'mode-mismatch': { text: 'run, start: built for simulation and run on hardware, or the reverse (0x200e)' },
  'sgx-error': {
    value: { name: 'code', form: /^0x[0-9a-fA-F]{1,4}$/, standard: '0x1' },
    text: 'run, start: the enclave cannot be created, with this SGX status',
  },
  'slow-start': { value: seconds('5'), text: 'run, start: the enclave takes this long to come up' },
  'init-failed': { text: 'run, start: the init process exits with 1' },
  'no-process-memory': { text: 'run, exec: no room for the program in user_space_size (ENOMEM)' },
  'out-of-tcs': { text: 'run, exec: no thread control structure for the program (0x1003)' },
  'enclave-lost': { value: seconds('1'), text: 'run, start: the enclave is lost (0x4) this long after it came up' },
  'no-dcap': { text: 'the device: no DCAP driver is detected; quotes answer EINVAL' },
  'dcap-down': { text: 'the device: DCAP stays unavailable, as when AESM or PCCS was down at the first quote' },
  'stop-hangs': { text: 'stop: the server does not end by itself (killed after 31 seconds)' },
} as const satisfies Record<string, FaultRule>;

/** Name of a fault. */
export type FaultName = keyof typeof faultRules;

/** What `occlum-sim --faults list` prints. */
export function describeFaults(): string {
  const lines = Object.entries(faultRules).map(([name, rule]) => {
    const words = 'value' in rule ? `${name}[=${rule.value.name}]` : name;
    const standard = 'value' in rule ? ` (default ${rule.value.standard})` : '';
    return `${words.padEnd(30)} ${rule.text}${standard}\n`;
  });
  return `${lines.join('')}Steps of build: ${buildSteps.join(' ')}. Several faults: joined by commas.\n`;
}
