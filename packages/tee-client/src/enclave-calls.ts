import type {
  CallOptions,
  EnclaveMethodName,
  ITeeInterface,
  TeeMethodInput,
  TeeMethodOutput,
} from '@neo-service-layer/tee-interface';

type Args<Name extends EnclaveMethodName> = Parameters<ITeeInterface[Name]>;

/**
 * The methods of the table that are evaluated in the enclave, each by its name, for classes that reach one. A new row of
 * the table is a new line here; the compiler asks for it.
 */
export abstract class EnclaveCalls implements Pick<ITeeInterface, EnclaveMethodName> {
  /** Makes a call. @throws {TeeError} what the way to the enclave and the enclave answer */
  protected abstract call<Name extends EnclaveMethodName>(
    name: Name,
    input?: TeeMethodInput<Name>,
    options?: CallOptions,
  ): Promise<TeeMethodOutput<Name>>;

  getInfo(...args: Args<'getInfo'>) {
    return this.call('getInfo', ...args);
  }

  getAttestationReport(...args: Args<'getAttestationReport'>) {
    return this.call('getAttestationReport', ...args);
  }

  executeJavaScript(...args: Args<'executeJavaScript'>) {
    return this.call('executeJavaScript', ...args);
  }

  sealData(...args: Args<'sealData'>) {
    return this.call('sealData', ...args);
  }

  unsealData(...args: Args<'unsealData'>) {
    return this.call('unsealData', ...args);
  }

  getRandomBytes(...args: Args<'getRandomBytes'>) {
    return this.call('getRandomBytes', ...args);
  }

  whoAmI(...args: Args<'whoAmI'>) {
    return this.call('whoAmI', ...args);
  }

  deployFunction(...args: Args<'deployFunction'>) {
    return this.call('deployFunction', ...args);
  }

  listFunctions(...args: Args<'listFunctions'>) {
    return this.call('listFunctions', ...args);
  }

  getFunction(...args: Args<'getFunction'>) {
    return this.call('getFunction', ...args);
  }

  removeFunction(...args: Args<'removeFunction'>) {
    return this.call('removeFunction', ...args);
  }

  invokeFunction(...args: Args<'invokeFunction'>) {
    return this.call('invokeFunction', ...args);
  }

  setSecret(...args: Args<'setSecret'>) {
    return this.call('setSecret', ...args);
  }

  listSecrets(...args: Args<'listSecrets'>) {
    return this.call('listSecrets', ...args);
  }

  removeSecret(...args: Args<'removeSecret'>) {
    return this.call('removeSecret', ...args);
  }

  putData(...args: Args<'putData'>) {
    return this.call('putData', ...args);
  }

  getData(...args: Args<'getData'>) {
    return this.call('getData', ...args);
  }

  listData(...args: Args<'listData'>) {
    return this.call('listData', ...args);
  }

  removeData(...args: Args<'removeData'>) {
    return this.call('removeData', ...args);
  }

  registerUser(...args: Args<'registerUser'>) {
    return this.call('registerUser', ...args);
  }

  setQuota(...args: Args<'setQuota'>) {
    return this.call('setQuota', ...args);
  }

  listUsers(...args: Args<'listUsers'>) {
    return this.call('listUsers', ...args);
  }
}
