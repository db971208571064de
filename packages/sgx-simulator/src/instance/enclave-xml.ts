import type { OcclumConfig } from './occlum-json.ts';

/** build/Enclave.xml: the settings for the signer, as gen_internal_conf writes them for the SGX SDK. */
export function enclaveXml(config: OcclumConfig): string {
  const { metadata, resource_limits: limits } = config;
  const fields: [string, string | number][] = [
    ['ProdID', metadata.product_id],
    ['ISVSVN', metadata.version_number],
    ['StackMaxSize', sizeInBytes(limits.kernel_space_stack_size)],
    ['HeapMaxSize', sizeInBytes(limits.kernel_space_heap_max_size ?? limits.kernel_space_heap_size)],
    ['TCSNum', limits.max_num_of_threads],
    ['TCSPolicy', 1],
    ['DisableDebug', metadata.debuggable ? 0 : 1],
    ['EnableKSS', metadata.enable_kss ? 1 : 0],
    ['ReservedMemMaxSize', sizeInBytes(limits.user_space_max_size ?? limits.user_space_size)],
    ['ReservedMemExecutable', 1],
    ['MiscSelect', 0],
    ['MiscMask', '0xFFFFFFFF'],
  ];
  const lines = fields.map(([name, value]) => `  <${name}>${value}</${name}>\n`).join('');
  return `<EnclaveConfiguration>\n${lines}</EnclaveConfiguration>\n`;
}

const units: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Bytes of a size as Occlum.json writes it, e.g. "300MB". */
function sizeInBytes(size: string): number {
  const [, digits = '0', unit = 'B'] = /^(\d+) *([A-Z]+)$/.exec(size) ?? [];
  return Number(digits) * (units[unit] ?? 1);
}
