/** Where a program of an instance runs; plain data, so that `exec` can get it from the server of the instance. */
export type SandboxHandle = {
  /** Under --strict the path, as the program's caller sees it, of the executable that limits itself first. */
  launcher: string | null;
} & (
  | {
      rootfs: 'image';
      /** Process id (as the host sees it) of the first process in the sandbox's namespaces. */
      init: number;
    }
  | {
      rootfs: 'none';
      /** Host path of the built image. */
      image: string;
      /** Host path of the writable layer; the working directory of programs. */
      writable: string;
      /** Host path of the device socket. */
      device: string;
    }
);

/** A running sandbox. Closing it ends every process in it, and returns when they are gone. */
export interface Sandbox {
  handle: SandboxHandle;
  close(): Promise<void>;
}
