import type { OcclumConfig } from './occlum-json.ts';
import { parseSize } from './size.ts';

/** build/Enclave.xml: the settings for the signer, as gen_internal_conf writes them for the SGX SDK. */
export function enclaveXml(config: OcclumConfig): string {
  const { metadata, resource_limits: limits } = config;
  const fields: [string, string | number][] = [
    ['ProdID', metadata.product_id],
    ['ISVSVN', metadata.version_number],
    ['StackMaxSize', sizeOf(limits.kernel_space_stack_size)],
    ['HeapMaxSize', sizeOf(limits.kernel_space_heap_max_size ?? limits.kernel_space_heap_size)],
    ['TCSNum', limits.max_num_of_threads],
    ['TCSPolicy', 1],
    ['DisableDebug', metadata.debuggable ? 0 : 1],
    ['EnableKSS', metadata.enable_kss ? 1 : 0],
    ['ReservedMemMaxSize', sizeOf(limits.user_space_max_size ?? limits.user_space_size)],
    ['ReservedMemExecutable', 1],
    ['MiscSelect', 0],
    ['MiscMask', '0xFFFFFFFF'],
  ];
  const lines = fields.map(([name, value]) => `  <${name}>${value}</${name}>\n`).join('');
  return `<EnclaveConfiguration>\n${lines}</EnclaveConfiguration>\n`;
}

function sizeOf(text: string): number {
  return parseSize(text) ?? 0;
}
