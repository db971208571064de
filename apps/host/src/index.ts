export { main } from './cli/main.ts';
export { type EnclaveEvent, SupervisedEnclave } from './relay/supervised-enclave.ts';
export { type HostConfiguration, hostConfigurationSchema } from './server/host-configuration.ts';
export { type RunningServer, type ServerOptions, startServer } from './server/server.ts';
