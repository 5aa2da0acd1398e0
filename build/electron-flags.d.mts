export function electronFlags(options?: { softwareGl?: boolean }): string[]
