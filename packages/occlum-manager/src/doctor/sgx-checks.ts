import { type Finding, ok, problem, warning } from './finding.ts';
import { firstThere, type Machine, textOf } from './machine.ts';

/** Checks of what hardware mode needs (occlum-contract §4.4, §7). */
export function sgxChecks(machine: Machine): Finding[] {
  return [
    processor(machine),
    kernel(machine),
    enclaveDevice(machine),
    provision(machine),
    aesm(machine),
    pccs(machine),
  ];
}

function processor(machine: Machine): Finding {
  const flags = /^flags\s*:(.*)$/m.exec(textOf(machine, '/proc/cpuinfo') ?? '')?.[1]?.split(' ') ?? [];
  if (!flags.includes('sgx')) {
    return problem('SGX in the processor', 'no sgx flag', 'Switch SGX on in the BIOS, or use OCCLUM_SIMULATION=1.');
  }
  if (flags.includes('sgx_lc')) return ok('SGX in the processor', 'sgx with flexible launch control');
  return warning(
    'SGX in the processor',
    'sgx without launch control',
    'DCAP attestation needs launch control (sgx_lc).',
  );
}

function kernel({ kernel: version }: Machine): Finding {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  // Before 5.9 FSGSBASE is missing (issues 509, 640); the driver itself came with 5.11.
  if (major > 5 || (major === 5 && minor >= 11)) return ok('kernel', version);
  return problem('kernel', version, 'Use a kernel of at least 5.11: it has FSGSBASE and the SGX driver.');
}

function enclaveDevice(machine: Machine): Finding {
  const device = firstThere(machine, ['/dev/sgx_enclave', '/dev/sgx/enclave']);
  if (device !== undefined) return ok('enclave device', device);
  return problem(
    'enclave device',
    'neither /dev/sgx_enclave nor /dev/sgx/enclave',
    'In a container give it --device /dev/sgx_enclave; else load the driver. Without SGX: OCCLUM_SIMULATION=1.',
  );
}

function provision(machine: Machine): Finding {
  const device = firstThere(machine, ['/dev/sgx_provision', '/dev/sgx/provision']);
  if (device !== undefined) return ok('provision device', device);
  return problem('provision device', 'none', 'Give the container --device /dev/sgx_provision: quotes need it.');
}

function aesm(machine: Machine): Finding {
  const socket = firstThere(machine, ['/var/run/aesmd/aesm.socket', '/run/aesmd/aesm.socket']);
  if (socket !== undefined) return ok('AESM service', socket);
  return warning('AESM service', 'its socket is not there', 'systemctl start aesmd');
}

function pccs(machine: Machine): Finding {
  const text = textOf(machine, '/etc/sgx_default_qcnl.conf');
  const next = 'Install libsgx-dcap-default-qpl and set "pccs_url" in /etc/sgx_default_qcnl.conf.';
  if (text === undefined) return warning('PCCS configuration', 'no /etc/sgx_default_qcnl.conf', next);
  // JSON with comments since DCAP 1.13, NAME=value before.
  const url = /^\s*(?:"pccs_url"\s*:\s*"([^"]+)"|PCCS_URL\s*=\s*(\S+))/m.exec(text);
  const found = url?.[1] ?? url?.[2];
  return found === undefined ? warning('PCCS configuration', 'names no PCCS', next) : ok('PCCS configuration', found);
}
