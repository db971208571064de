/** Codes of the SGX device inside the enclave (`/dev/sgx`) and of the structures it takes and gives. */
export const deviceErrors = {
  ERR_DEVICE_NOT_FOUND: 'There is no SGX device at the path: this is not an Occlum enclave, nor a simulated one.',
  ERR_DEVICE_UNSUPPORTED: 'There is a device, but of a kind that this version cannot talk to.',
  ERR_DEVICE_REFUSED:
    'The device answered EINVAL: bad request, no DCAP service, or not available in this mode (it does not say which).',
  ERR_QUOTE_UNAVAILABLE: 'No quote is to be had: no DCAP device, no quoting service, or it stays busy.',
  ERR_DEVICE_PROTOCOL: 'What came from the device is not the answer to the request.',
  ERR_DEVICE_CLOSED: 'The device was closed, or its other end went away, while a request was open.',
  ERR_DEVICE_STRUCT:
    'Bytes or fields do not make a valid SGX structure (length, range, or a reserved byte that must be zero).',
  ERR_EINIT_REFUSED:
    'The simulated processor will not start the enclave: signature, measurement or attributes disagree.',
  ERR_SIMULATOR_STATE: 'The state folder of the simulated platform is damaged, or is something else.',
} as const;
