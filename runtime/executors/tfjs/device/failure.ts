/** What a device cannot do. The engine turns it into an `ExecutionError` or an `EngineUnavailableError` where it knows the graph. */
export class DeviceFailure extends Error {
  constructor(
    readonly kind: "unavailable" | "memory" | "lost" | "other",
    message: string,
  ) {
    super(message);
  }
}
