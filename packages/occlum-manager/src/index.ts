export type { ConfigIssue } from './config/check-relations.ts';
export { parseConfigFor } from './config/config-for-version.ts';
export { occlumConfigText } from './config/config-text.ts';
export { type MigratedConfig, migrateConfig } from './config/migrate-config.ts';
export type { OcclumMount } from './config/mount-schema.ts';
export { type OcclumConfigOptions, occlumConfig } from './config/occlum-config.ts';
export { parseOcclumConfig, parseOcclumJson } from './config/parse-config.ts';
export { type PresetName, presets, type ResourcePreset } from './config/presets.ts';
export { type OcclumConfig, occlumConfigSchema } from './config/schema.ts';
export { formatSize, parseSize } from './config/size.ts';
export { type DiagnoseOptions, diagnose } from './doctor/diagnose.ts';
export type { Finding } from './doctor/finding.ts';
export type { Machine } from './doctor/machine.ts';
export { hashFile } from './files/hash-file.ts';
export type { Bom } from './image/bom-schema.ts';
export { checkImage, type ImageDemands, type ImageFinding } from './image/check-image.ts';
export { type CopyBomOptions, copyBom } from './image/copy-bom.ts';
export { type ByteSource, type ElfFile, parseElf } from './image/elf.ts';
export { ImageWriter } from './image/image-writer.ts';
export { type ImageInventory, type InspectedEntry, inspectImage } from './image/inspect-image.ts';
export { type ClosureOptions, type LibraryClosure, libraryClosure } from './image/library-closure.ts';
export { parseBom, stringifyBom } from './image/parse-bom.ts';
export { type ImageFile, programFiles } from './image/program-files.ts';
export { readElf } from './image/read-elf.ts';
export { type ImageEntry, imageTime, normaliseTimes, walkImage } from './image/walk-image.ts';
export { writeBom } from './image/write-bom.ts';
export {
  type InitRaConfig,
  type InitRaKind,
  initRaConfigText,
  parseInitRaConfig,
  parseInitRaJson,
  verifiesKeyService,
} from './init-ra/init-ra-config.ts';
export type { AecsConfig, GrpcRatlsConfig } from './init-ra/init-ra-schema.ts';
export type { BuildMarker } from './instance/build-marker.ts';
export type { BuildOptions, BuildResult } from './instance/build-options.ts';
export { generateImageKey } from './instance/image-key.ts';
export { type InstanceLock, takeLock } from './instance/instance-lock.ts';
export type { Measurements } from './instance/measurements.ts';
export type { MountedImage, MountOptions } from './instance/mount-image.ts';
export type { PackagedInstance, PackageOptions } from './instance/package-instance.ts';
export type { ExecOptions, LaunchIdentity, RunOptions, StartOptions } from './instance/run-options.ts';
export type { RunningProgram } from './instance/running-program.ts';
export { generateSigningKey, readSigningKey, type SigningKey } from './instance/signing-key.ts';
export type { InstanceStatus } from './instance/status.ts';
export type { UserDataOutcome } from './instance/user-data.ts';
export { OcclumInstance } from './occlum-instance.ts';
export { type LocateOptions, OcclumManager } from './occlum-manager.ts';
export type { Diagnosis } from './process/diagnosis.ts';
export type { ExitReport } from './process/exit-report.ts';
export type { OutputSink } from './process/launch.ts';
export { defaultRestartPolicy, type RestartPolicy } from './supervisor/backoff.ts';
export type { Probing } from './supervisor/probe.ts';
export { Supervisor } from './supervisor/supervisor.ts';
export type { SupervisorEvent, SupervisorMetrics, SupervisorState } from './supervisor/supervisor-event.ts';
export type { Supervised, SupervisorOptions } from './supervisor/supervisor-options.ts';
