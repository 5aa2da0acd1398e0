export function hasDisplay(): boolean
export function startVirtualDisplay(size?: { width?: number; height?: number }): Promise<{
  env: Record<string, string>
  pid: number
  stop(): void
}>
