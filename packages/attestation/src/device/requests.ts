/**
 * The request numbers of Occlum's `/dev/sgx`, as Linux `_IOR/_IOW/_IOWR('s', nr, T)` computes them: `nr | 's' << 8 |
 * sizeof(T) << 16 | direction << 30`. Source: occlum-contract §4.1.
 */
export const deviceRequests = {
  isEdmmSupported: 0x80047300,
  getEpidGroupId: 0x80047301,
  generateEpidQuote: 0xc0807302,
  selfTarget: 0x82007303,
  createReport: 0xc0187304,
  verifyReport: 0x41b07305,
  detectDcapDriver: 0x80047306,
  getDcapQuoteSize: 0x80047307,
  generateDcapQuote: 0xc0187308,
  getDcapSupplementalSize: 0x80047309,
  verifyDcapQuote: 0xc030730a,
  getKey: 0xc010730b,
} as const;

/** The name of one of the twelve requests. */
export type DeviceRequestName = keyof typeof deviceRequests;

const names = new Map<number, DeviceRequestName>(
  (Object.keys(deviceRequests) as DeviceRequestName[]).map((name) => [deviceRequests[name], name]),
);

/** The name of a request number; undefined for a number that is none of the twelve. */
export function deviceRequestName(request: number): DeviceRequestName | undefined {
  return names.get(request);
}

/** The only error number the device gives, whatever went wrong. Source: occlum-contract §0, surprise 5. */
export const EINVAL = 22;
